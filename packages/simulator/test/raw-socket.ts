import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A raw socket that keeps every frame it is sent, parsed. */
export class RawSocket implements AsyncDisposable {
  readonly frames: Record<string, unknown>[] = []
  readonly #socket: WebSocket
  #wake: () => void = () => {}

  private constructor(url: string) {
    this.#socket = new WebSocket(url)
    this.#socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)))
      this.#wake()
    })
    this.#socket.on('error', () => {})
  }

  /** @param url the simulator's, of HTTP. */
  static async open(url: string, path: string): Promise<RawSocket> {
    const socket = new RawSocket(url.replace('http', 'ws') + path)
    await once(socket.#socket, 'open')
    return socket
  }

  send(request: unknown): void {
    this.#socket.send(typeof request === 'string' ? request : JSON.stringify(request))
  }

  /** Sends, and gives the first frame after it that meets the condition. */
  async ask(request: unknown, isAnswer: (frame: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    const from = this.frames.length
    this.send(request)
    await this.until(() => this.frames.slice(from).some(isAnswer))
    return this.frames.slice(from).find(isAnswer)!
  }

  /** Resolves once what has come meets the condition; the test's own time limit ends it otherwise. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = once(this.#socket, 'close')
    this.#socket.terminate()
    await closed
  }
}

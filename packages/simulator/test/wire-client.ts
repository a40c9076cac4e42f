import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A frame of kraken's, as far as the tests look at it. */
export interface Frame {
  channel?: string
  type?: string
  method?: string
  success?: boolean
  error?: string
  req_id?: number
  symbol?: string
  result?: Record<string, unknown>
  data?: Record<string, unknown>[]
}

/** A raw socket that keeps every frame it is sent. */
export class WireClient implements AsyncDisposable {
  readonly frames: Frame[] = []
  /** Of the protocol of WebSockets, below kraken's. */
  pongs = 0
  readonly #socket: WebSocket
  #wake: () => void = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)))
      this.#wake()
    })
    socket.on('pong', () => {
      this.pongs++
    })
    socket.on('error', () => {})
  }

  static async open(url: string): Promise<WireClient> {
    const client = new WireClient(new WebSocket(`${url.replace('http', 'ws')}/v2`))
    await client.until(({ frames }) => frames.length > 0)
    return client
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  get closed(): Promise<unknown> {
    return this.#socket.readyState === WebSocket.CLOSED ? Promise.resolve() : once(this.#socket, 'close')
  }

  send(request: object | string): void {
    this.#socket.send(typeof request === 'string' ? request : JSON.stringify(request))
  }

  ping(): void {
    this.#socket.ping()
  }

  /** The data of this channel so far, in order. */
  data(channel: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame.channel === channel).flatMap(({ data = [] }) => data)
  }

  /** Resolves once what has come meets the condition; the test's own time limit ends it otherwise. */
  async until(condition: (client: WireClient) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate()
    await this.closed
  }
}

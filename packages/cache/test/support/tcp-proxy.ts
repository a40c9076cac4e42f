import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

const TRICKLE_MS = 20

/** A TCP proxy to `port` that can refuse, cut, be slow and fall silent. */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>
  #refuses = false
  #isSilent = false
  #delayMs = 0
  #trickles = false
  #generation = 0

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#sockets = new Set()
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => this.#onConnection(client, target))
  }

  static async open(target: number): Promise<TcpProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new TcpProxy(server, target)
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Ends every connection, and each new one at once. */
  refuse(): void {
    this.#refuses = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Connections stay, and nothing passes. */
  fallSilent(): void {
    this.#isSilent = true
  }

  /** The present connections stay, and nothing passes any more; new ones work. */
  leaveHalfOpen(): void {
    this.#generation++
  }

  /** From now on whatever passes takes so much longer, each way. */
  slowDown(delayMs: number): void {
    this.#delayMs = delayMs
  }

  /** From now on the answers come byte by byte: never silent, never done. */
  trickle(): void {
    this.#trickles = true
  }

  /** What fell silent before stays so: such a connection is lost. */
  heal(): void {
    this.#refuses = false
    this.#isSilent = false
    this.#delayMs = 0
    this.#trickles = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #onConnection(client: Socket, target: number): void {
    if (this.#refuses) return void client.destroy()
    const upstream = connect(target, '127.0.0.1')
    const generation = this.#generation
    let isLost = false
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (data) => {
        isLost ||= this.#isSilent || generation !== this.#generation
        if (isLost) return
        if (this.#trickles && from === upstream) {
          to.write(data.subarray(0, 1))
          from.pause().unshift(data.subarray(1))
          setTimeout(() => from.resume(), TRICKLE_MS)
        } else if (this.#delayMs > 0) setTimeout(() => to.destroyed || to.write(data), this.#delayMs)
        else to.write(data)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}

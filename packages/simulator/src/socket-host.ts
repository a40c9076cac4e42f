import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '@fullon/market'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FaultSchedule } from './fault-schedule.js'
import type { Connection, Protocol, Session } from './protocol.js'
import { createRandom, type Random } from './random.js'
import { Wire } from './wire.js'

interface Open {
  readonly transport: Duplex
  readonly wire: Wire
}

/** The WebSockets of the server. */
export class SocketHost {
  framesSent = 0
  readonly #protocols: readonly Protocol[]
  readonly #clock: Clock
  readonly #schedule: FaultSchedule
  readonly #random: Random = createRandom('sockets')
  readonly #upgrader = new WebSocketServer({ noServer: true })
  readonly #sockets = new Map<WebSocket, Open>()

  constructor(options: { protocols: readonly Protocol[]; clock: Clock; schedule: FaultSchedule }) {
    this.#protocols = options.protocols
    this.#clock = options.clock
    this.#schedule = options.schedule
  }

  /** Half-open ones are not counted: nobody is at the other end for long. */
  get open(): number {
    return [...this.#sockets.values()].filter(({ wire }) => !wire.isHalfOpen).length
  }

  accept(request: IncomingMessage, transport: Duplex, head: Buffer): void {
    if (this.#schedule.active('maintenance', this.#clock.now())) {
      transport.on('error', () => {}) // who asked may be gone
      transport.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#upgrader.handleUpgrade(request, transport, head, (socket) => {
      const wire = new Wire({
        socket,
        clock: this.#clock,
        schedule: this.#schedule,
        random: this.#random,
        onSent: () => {
          this.framesSent++
        },
      })
      this.#sockets.set(socket, { transport, wire })
      const session = this.#connect(new URL(`http://simulator${request.url}`), wire)
      if (session) socket.on('message', (data) => session.receive(String(data)))
      else socket.close(1008, 'no such endpoint')
      // A reset makes an error and then a close; the close is what counts.
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        session?.end()
      })
    })
  }

  /** Sends what has been delayed long enough. */
  flush(): void {
    for (const { wire } of this.#sockets.values()) wire.flush()
  }

  /** Resets the TCP connection of each, as a network does that fails; gives how many there were. */
  resetAll(): number {
    const sockets = [...this.#sockets.values()]
    for (const { transport } of sockets) {
      // Node types it as any duplex; it is the TCP socket of the HTTP server.
      if (transport instanceof Socket) transport.resetAndDestroy()
    }
    return sockets.length
  }

  halfOpenAll(): void {
    for (const { wire } of this.#sockets.values()) wire.halfOpen()
  }

  /** Closes each as a server does that is restarted. */
  closeAll(): void {
    for (const [socket, { wire }] of this.#sockets) if (!wire.isHalfOpen) socket.close(1012, 'service restart')
  }

  #connect(url: URL, connection: Connection): Session | undefined {
    for (const protocol of this.#protocols) {
      const session = protocol.connect(url, connection)
      if (session) return session
    }
    return undefined
  }
}

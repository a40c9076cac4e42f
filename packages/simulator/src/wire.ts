import type { Clock, EpochMs } from '@fullon/market'
import type { WebSocket } from 'ws'
import type { FaultSchedule } from './fault-schedule.js'
import type { Connection } from './protocol.js'
import type { Random } from './random.js'

/** The server's end of one WebSocket, with what the faults do to it. */
export class Wire implements Connection {
  /** Packets go astray in both directions. */
  #isHalfOpen = false
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #schedule: FaultSchedule
  readonly #random: Random
  readonly #onSent: () => void
  /** What is delayed, in order. */
  readonly #queue: { readonly frame: string; readonly at: EpochMs }[] = []

  constructor(options: {
    socket: WebSocket
    clock: Clock
    schedule: FaultSchedule
    random: Random
    onSent: () => void
  }) {
    this.#socket = options.socket
    this.#clock = options.clock
    this.#schedule = options.schedule
    this.#random = options.random
    this.#onSent = options.onSent
  }

  get isHalfOpen(): boolean {
    return this.#isHalfOpen
  }

  /** Its TCP connection is not read any more, so it never learns that the other side gave up. */
  halfOpen(): void {
    this.#isHalfOpen = true
    this.#socket.pause()
  }

  send(frame: string): void {
    const { delayMs = 0 } = this.#schedule.active('delay', this.#clock.now()) ?? {}
    const at = Math.max(this.#queue.at(-1)?.at ?? 0, this.#clock.now() + delayMs)
    if (delayMs === 0 && this.#queue.length === 0) this.#deliver(frame)
    else this.#queue.push({ frame, at })
  }

  sendData(frame: string, since: EpochMs): void {
    if (this.#schedule.active('stall', since)) return
    const duplicate = this.#schedule.active('duplicate', since)
    const isTwice = duplicate && this.#random() < (duplicate.share ?? 1)
    this.send(frame)
    if (isTwice) this.send(frame)
  }

  /** Sends what has been delayed long enough. */
  flush(): void {
    const now = this.#clock.now()
    const due = this.#queue.filter(({ at }) => at <= now)
    this.#queue.splice(0, due.length)
    for (const { frame } of due) this.#deliver(frame)
  }

  #deliver(frame: string): void {
    if (this.#isHalfOpen || this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(frame)
    this.#onSent()
  }
}

import type { Clock, EpochMs } from '@fullon/market'
import type { Fault } from './fault.js'
import type { FaultSchedule } from './fault-schedule.js'
import { createFaults, type FaultQueue } from './faults.js'
import { createHistory, type History } from './history.js'
import type { Market } from './market.js'
import type { Protocol } from './protocol.js'
import { createProtocol, type ProtocolName } from './protocols.js'
import { createPublisher, type Due, type Publisher } from './publisher.js'
import type { RateLimit } from './rate-limit.js'
import { RestHost } from './rest-host.js'
import { SocketHost } from './socket-host.js'

/** What a simulator did since it started. */
export interface Counts {
  /** REST requests by path, such as `/0/public/OHLC`; those answered with a failure too. */
  readonly requests: Readonly<Record<string, number>>
  readonly framesSent: number
  /** WebSockets that are open now. */
  readonly socketsOpen: number
}

export type RateLimits = Readonly<Partial<Record<ProtocolName, RateLimit>>>

/** The parts of a simulated exchange, put together: one market, one clock, one schedule of faults, some protocols. */
export class Exchange {
  readonly history: History
  readonly sockets: SocketHost
  readonly requests: RestHost
  readonly faults: FaultQueue
  readonly #protocols: readonly Protocol[]
  readonly #publisher: Publisher
  readonly #schedule: FaultSchedule

  constructor(options: {
    market: Market
    clock: Clock
    schedule: FaultSchedule
    protocols: readonly ProtocolName[]
    enforceLimits: boolean | RateLimits
  }) {
    const { market, clock, schedule, enforceLimits } = options
    this.#schedule = schedule
    this.history = createHistory(market, schedule)
    this.#publisher = createPublisher({
      clock,
      publish: (span) => {
        for (const protocol of this.#protocols) protocol.publish(span)
      },
      takeDue: (until) => this.#takeDue(until),
    })
    const parts = { history: this.history, clock, publisher: this.#publisher }
    const refuses = (): boolean => schedule.active('refuse', clock.now()) !== undefined
    const limits: RateLimits = typeof enforceLimits === 'boolean' ? {} : enforceLimits
    this.#protocols = options.protocols.map((name) => createProtocol(name, { ...parts, refuses, limit: limits[name] }))
    this.sockets = new SocketHost({ protocols: this.#protocols, clock, schedule })
    this.faults = createFaults({ schedule, clock, dropSockets: () => this.sockets.resetAll() })
    const { history, faults } = this
    this.requests = new RestHost({
      protocols: this.#protocols,
      history,
      clock,
      schedule,
      faults,
      isEnforced: enforceLimits !== false,
    })
  }

  /** Sends what is due. */
  tick(): void {
    this.#publisher.advance()
    this.sockets.flush()
  }

  heartbeat(): void {
    for (const protocol of this.#protocols) protocol.heartbeat()
  }

  counts(): Counts {
    const { framesSent, open } = this.sockets
    return { requests: this.requests.counts(), framesSent, socketsOpen: open }
  }

  ccxtOptions(address: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    return Object.fromEntries(this.#protocols.map((protocol) => [protocol.exchange, protocol.ccxtOptions(address)]))
  }

  /** Nothing is published across the begin or the end of a fault, so each applies to exactly its time. */
  #takeDue(until: EpochMs): readonly Due[] {
    return this.#schedule.takeEdges(until).map(({ at, begins }) => ({ at, run: () => this.#begin(begins) }))
  }

  #begin(fault: Fault | undefined): void {
    if (fault?.kind === 'drop') this.sockets.resetAll()
    else if (fault?.kind === 'half-open') this.sockets.halfOpenAll()
    else if (fault?.kind === 'maintenance') this.sockets.closeAll()
    else if (fault?.kind === 'snapshot') for (const protocol of this.#protocols) protocol.repeatSnapshots()
  }
}

import type { EpochMs } from '@fullon/market'
import { ExchangeError } from './errors.js'
import { Pause } from './pause.js'

// binance bans for two minutes the first time and longer each time (its 418); it says how long, others do not.
const FIRST_BAN_MS = 120_000
const LONGEST_BAN_MS = 3_600_000

/** Stays away from an exchange that has banned us, then lets one request through to see. */
export class CircuitBreaker {
  readonly #exchange: string
  #bans = 0
  readonly #ban = new Pause()

  constructor(exchange: string) {
    this.#exchange = exchange
  }

  /** Banned a moment ago and not yet answered again: one request at a time. */
  get isProbing(): boolean {
    return this.#bans > 0
  }

  /** Why nothing may be sent now, if so. */
  refusal(now: EpochMs): ExchangeError | undefined {
    const retryAfterMs = this.#ban.leftMs(now)
    if (retryAfterMs === 0) return undefined
    const until = new Date(now + retryAfterMs).toISOString()
    return new ExchangeError('BANNED', `${this.#exchange}: banned, expected no request before ${until}`, {
      retryAfterMs,
    })
  }

  onBan(now: EpochMs, retryAfterMs: number | undefined): void {
    const leftMs = this.#ban.leftMs(now)
    if (leftMs > 0) {
      // What was sent before the ban was known comes back with it as well: one ban, not thirty.
      this.#ban.start(now, Math.max(leftMs, retryAfterMs ?? 0))
      return
    }
    this.#ban.start(now, retryAfterMs ?? Math.min(LONGEST_BAN_MS, FIRST_BAN_MS * 2 ** this.#bans))
    this.#bans++
  }

  onAnswer(): void {
    this.#bans = 0
  }
}

import type { EpochMs } from '@fullon/market'
import { ExchangeError } from './errors.js'

// binance bans for two minutes the first time and longer each time (its 418); it says how long, others do not.
const FIRST_BAN_MS = 120_000
const LONGEST_BAN_MS = 3_600_000

/** Stays away from an exchange that has banned us, then lets one request through to see. */
export class CircuitBreaker {
  readonly #exchange: string
  #bans = 0
  #closedUntil: EpochMs = Number.NEGATIVE_INFINITY
  #banMs = 0

  constructor(exchange: string) {
    this.#exchange = exchange
  }

  /** Banned a moment ago and not yet answered again: one request at a time. */
  get isProbing(): boolean {
    return this.#bans > 0
  }

  /** Why nothing may be sent now, if so. */
  refusal(now: EpochMs): ExchangeError | undefined {
    // Our clock was set back: nobody is banned for longer than the ban.
    this.#closedUntil = Math.min(this.#closedUntil, now + this.#banMs)
    const retryAfterMs = this.#closedUntil - now
    if (retryAfterMs <= 0) return undefined
    const until = new Date(this.#closedUntil).toISOString()
    return new ExchangeError('BANNED', `${this.#exchange}: banned, expected no request before ${until}`, {
      retryAfterMs,
    })
  }

  onBan(now: EpochMs, retryAfterMs: number | undefined): void {
    const leftMs = this.refusal(now)?.retryAfterMs
    if (leftMs === undefined) {
      const guessMs = Math.min(LONGEST_BAN_MS, FIRST_BAN_MS * 2 ** this.#bans)
      this.#bans++
      this.#banMs = retryAfterMs ?? guessMs
    } else {
      // What was sent before the ban was known comes back with it as well: one ban, not thirty.
      this.#banMs = Math.max(leftMs, retryAfterMs ?? 0)
    }
    this.#closedUntil = now + this.#banMs
  }

  onAnswer(): void {
    this.#bans = 0
  }
}

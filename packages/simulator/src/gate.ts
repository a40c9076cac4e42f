import type { EpochMs } from '@fullon/market'
import type { Answer, Charge, Protocol } from './protocol.js'
import { createLimiter, type Limiter } from './rate-limit.js'

/** Binance bans who goes on after a 429: here after this many more requests, for the shortest of its bans. */
const BAN_AFTER_REFUSALS = 10
const BAN_MS = 120_000

/** Counts what one protocol is asked, and refuses what is too much. */
export class Gate {
  readonly #protocol: Protocol
  readonly #isEnforced: boolean
  readonly #limiter: Limiter
  #refusals = 0
  #bannedUntil: EpochMs = 0

  constructor(protocol: Protocol, { isEnforced }: { isEnforced: boolean }) {
    this.#protocol = protocol
    this.#isEnforced = isEnforced
    this.#limiter = createLimiter(protocol.limit)
  }

  /** The headers that its answer has, and the answer if it is refused. */
  pass({ weight }: Charge, now: EpochMs): { headers: Readonly<Record<string, string>>; refusal?: Answer } {
    const { isWithin, used, retryAfterMs } = this.#limiter.spend(weight, now)
    const headers = this.#protocol.usageHeaders(used)
    if (!this.#isEnforced) return { headers }
    if (isWithin && now >= this.#bannedUntil) {
      this.#refusals = 0
      return { headers }
    }
    if (this.#protocol.isBanning && ++this.#refusals > BAN_AFTER_REFUSALS && now >= this.#bannedUntil)
      this.#bannedUntil = now + BAN_MS
    const isBanned = now < this.#bannedUntil
    const retryAt = isBanned ? this.#bannedUntil : now + retryAfterMs
    return { headers, refusal: this.#protocol.refuseRequest({ now, retryAt, isBanned }) }
  }
}

import type { Clock, EpochMs } from '@fullon/market'

/**
 * The exchange's time: its last `Date` header plus what has elapsed since on our clock. The header has whole
 * seconds, so this is at most a second behind; that errs on the safe side, the horizon is never too early.
 */
export class ServerClock {
  readonly #clock: Clock
  #offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): EpochMs {
    return this.#clock.now() + this.#offsetMs
  }

  /** Takes an answer's headers; gives the exchange's time when it answered. */
  observe(headers: Readonly<Record<string, string>> | undefined): EpochMs {
    const date = Date.parse(headers?.date ?? '')
    if (Number.isFinite(date)) this.#offsetMs = date - this.#clock.now()
    return this.now()
  }
}

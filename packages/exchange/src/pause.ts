import type { EpochMs } from '@fullon/market'

/** A time to do nothing. A clock that is set back does not make it longer. */
export class Pause {
  #until: EpochMs = Number.NEGATIVE_INFINITY
  #lengthMs = 0

  /** From `now` on; takes the place of what is left of the one before. */
  start(now: EpochMs, lengthMs: number): void {
    this.#until = now + lengthMs
    this.#lengthMs = lengthMs
  }

  /** 0 when it is over. */
  leftMs(now: EpochMs): number {
    this.#until = Math.min(this.#until, now + this.#lengthMs)
    return Math.max(0, this.#until - now)
  }
}

import { type Candle, type EpochMs, type Page, type Timeframe, timeframeMs } from '@fullon/market'
import { ExchangeError } from './errors.js'

/** What a subscription has shown since the last update. */
export interface CandleUpdate {
  /** Closed candles past their settling time, each page vouching for exactly its rows. Store these. */
  readonly settled: readonly Page<Candle>[]
  /** Candles that closed or were corrected since the last update, settled or not, ascending. For display only. */
  readonly closed: readonly Candle[]
  /** The candle that is not closed yet, when it changed. For display only. */
  readonly forming: Candle | undefined
}

export interface CandleLedgerOptions {
  readonly timeframe: Timeframe
  readonly settleMs: number
  /** The exchange says when a candle is closed. */
  readonly flagged: boolean
}

/** A week of minutes: a consumer further behind than this is told so. */
const HELD_LIMIT = 10_080

/**
 * Turns the rows of ONE subscription into closed candles. A candle is closed by the exchange's flag where it sends
 * one, else by a newer candle, never by the clock; it vouches for itself once `settleMs` have passed since its end.
 * The forming one dies with the subscription.
 */
export class CandleLedger {
  readonly #lengthMs: number
  readonly #settleMs: number
  readonly #flagged: boolean
  #forming: Candle | undefined
  /** Everything up to this one has been given or given up. */
  #settledUntil: EpochMs = Number.NEGATIVE_INFINITY
  /** Closed, waiting to settle; ascending. */
  #closed: Candle[] = []
  #changed = new Map<EpochMs, Candle>()

  constructor({ timeframe, settleMs, flagged }: CandleLedgerOptions) {
    this.#lengthMs = timeframeMs(timeframe)
    this.#settleMs = settleMs
    this.#flagged = flagged
  }

  /** @param isClosed the exchange's flag, where it sends one */
  add(candle: Candle, isClosed = false): void {
    const { timestamp } = candle
    // A correction of a candle already settled is left to the audit.
    if (timestamp < this.#settledUntil) return
    const place = this.#closed.findLastIndex((other) => other.timestamp <= timestamp)
    const isOlder = this.#forming !== undefined && timestamp < this.#forming.timestamp
    if (this.#closed[place]?.timestamp === timestamp) {
      if (this.#flagged && !isClosed) return // repeats a state from before it closed
      this.#closed[place] = candle
    } else if (isClosed) {
      this.#close(candle)
    } else if (isOlder) {
      return
    } else {
      this.#follow(candle)
    }
    this.#changed.set(timestamp, candle)
  }

  /** A row could not be read: which candle it was of is not sure, so those it may have been are given up. */
  refuse(timestamp?: EpochMs): void {
    const isSuspect = (candle: Candle) => timestamp === undefined || candle.timestamp === timestamp
    this.#closed = this.#closed.filter((candle) => !isSuspect(candle))
    if (this.#forming && isSuspect(this.#forming)) this.#forming = undefined
  }

  /** When the next closed candle settles, by the exchange's time. */
  get nextSettles(): EpochMs | undefined {
    const first = this.#closed[0]
    return first && this.#settlesAt(first)
  }

  take(serverNow: EpochMs): CandleUpdate {
    const settledCount = this.#closed.filter((candle) => this.#settlesAt(candle) <= serverNow).length
    const settled = this.#closed.splice(0, settledCount)
    const newest = settled.at(-1)
    if (newest) this.#settledUntil = newest.timestamp + this.#lengthMs
    const closed = [...this.#changed.values()].sort((a, b) => a.timestamp - b.timestamp)
    const forming = this.#forming && closed.at(-1)?.timestamp === this.#forming.timestamp ? closed.pop() : undefined
    this.#changed = new Map()
    return { settled: this.#pages(settled), closed, forming }
  }

  /** A newer candle closes the one before it, unless that waits for its flag in vain. */
  #follow(candle: Candle): void {
    const previous = this.#forming
    if (previous && candle.timestamp > previous.timestamp) {
      if (this.#flagged) this.#changed.delete(previous.timestamp)
      else this.#close(previous)
    }
    this.#forming = candle
  }

  #close(candle: Candle): void {
    if (this.#closed.length >= HELD_LIMIT) {
      const message = `candles: expected their consumer within ${HELD_LIMIT} candles (read faster)`
      throw new ExchangeError('OVERFLOW', message)
    }
    const place = this.#closed.findLastIndex(({ timestamp }) => timestamp < candle.timestamp) + 1
    this.#closed.splice(place, 0, candle)
    if (this.#forming?.timestamp === candle.timestamp) this.#forming = undefined
  }

  #settlesAt({ timestamp }: Candle): EpochMs {
    return timestamp + this.#lengthMs + this.#settleMs
  }

  /** Neighbours share a page; a minute without a candle is not vouched for by the two around it. */
  #pages(candles: readonly Candle[]): Page<Candle>[] {
    const runs: Candle[][] = []
    for (const candle of candles) {
      const run = runs.at(-1)
      if (run?.at(-1)?.timestamp === candle.timestamp - this.#lengthMs) run.push(candle)
      else runs.push([candle])
    }
    return runs.map((rows) => {
      const since = rows[0]?.timestamp ?? 0
      return { rows, covered: { since, until: since + rows.length * this.#lengthMs } }
    })
  }
}

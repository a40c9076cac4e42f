import type { Candle, Series } from '@fullon/market'
import { timeframeMs } from '@fullon/market'
import type { CacheOp } from './cache-driver.js'
import { type CandleChanges, mergeChanges, stringifyChange } from './candle-changes.js'
import type { Cache } from './open-cache.js'
import { parseCandle, stringifyCandle } from './rows.js'
import { type WatchOptions, watchChannel } from './watch-channel.js'

const DEFAULT_KEEP = 1_000
// A forming candle outlives its interval by this: the closed one comes a settling time later.
const FORMING_GRACE_MS = 60_000

/** A series with a timeframe. */
export type CandleSeries = Series & Required<Pick<Series, 'timeframe'>>

export interface CandleUpdate {
  readonly series: CandleSeries
  /** Closed ones, in any order; each replaces the one of its open time. */
  readonly candles?: readonly Candle[] | undefined
  readonly forming?: Candle | undefined
}

/**
 * The newest candles of each series and the one that is forming. Errors: {@link CacheError}.
 *
 * Each change is published on `keys.candleChannel(series)` as JSON `{ candles?: row[], forming?: row }`,
 * row = `[timestamp, open, high, low, close, volume]`, candles ascending.
 */
export class OHLCVCache {
  readonly #cache: Cache
  readonly #keep: number

  /** Keeps the `keep` newest closed candles of a series: 1,000 by default, at least 1. */
  constructor(cache: Cache, { keep = DEFAULT_KEEP }: { readonly keep?: number } = {}) {
    if (!(Number.isInteger(keep) && keep >= 1))
      throw new RangeError(`keep: expected a whole number from 1, got ${keep}`)
    this.#cache = cache
    this.#keep = keep
  }

  /** Stores closed candles; a corrected one replaces what was there. */
  async updateCandles(series: CandleSeries, candles: readonly Candle[]): Promise<void> {
    await this.updateAll([{ series, candles }])
  }

  async setForming(series: CandleSeries, forming: Candle): Promise<void> {
    await this.updateAll([{ series, forming }])
  }

  /** The changes of any number of series in one round trip. */
  async updateAll(updates: readonly CandleUpdate[]): Promise<void> {
    await this.#cache.driver.run(updates.flatMap((update) => this.#write(update)))
  }

  /** The `count` newest closed candles, ascending; as many as are kept by default. */
  async getLatestCandles(series: CandleSeries, count: number = this.#keep): Promise<Candle[]> {
    if (count < 1) return []
    const key = this.#cache.keys.candles(series)
    const [rows] = await this.#cache.driver.run([{ op: 'sortedTail', key, count }])
    return rows.map((row) => parseCandle(row, key))
  }

  /** The forming candle; `undefined` when there is none, or it has closed. */
  async getForming(series: CandleSeries): Promise<Candle | undefined> {
    const { driver, keys } = this.#cache
    const [formingKey, key] = [keys.formingCandle(series), keys.candles(series)]
    const [text, [newest]] = await driver.run([
      { op: 'get', key: formingKey },
      { op: 'sortedTail', key, count: 1 },
    ])
    if (text === undefined) return undefined
    const forming = parseCandle(text, formingKey)
    return newest !== undefined && parseCandle(newest, key).timestamp >= forming.timestamp ? undefined : forming
  }

  /**
   * Each change, from now on, until `signal` aborts; changes that come while the reader is busy arrive as one.
   * Whenever `missed` is true, and it is the first time, read the newest candles: then nothing is overlooked.
   *
   * @throws CacheError `UNAVAILABLE` when there is no connection at the start (later ones are repaired), `CLOSED`
   */
  async *watch(series: CandleSeries, options: WatchOptions = {}): AsyncGenerator<CandleChanges, void> {
    const { driver, keys } = this.#cache
    const channel = keys.candleChannel(series)
    for await (const { messages, missed } of watchChannel(driver, channel, options))
      yield { ...mergeChanges(messages, channel), missed }
  }

  #write({ series, candles = [], forming }: CandleUpdate): CacheOp[] {
    const { clock, keys } = this.#cache
    const newest =
      candles.length > 1 ? candles.toSorted((a, b) => a.timestamp - b.timestamp).slice(-this.#keep) : candles
    const rows = newest.map(stringifyCandle)
    const entries = newest.map(({ timestamp }, index) => ({ score: timestamp, value: rows[index] ?? '' }))
    const current = forming && stringifyCandle(forming)
    const ops: CacheOp[] = []
    if (entries.length > 0) ops.push({ op: 'sortedPut', key: keys.candles(series), entries, keep: this.#keep })
    if (forming && current) {
      const restMs = Math.max(0, forming.timestamp + timeframeMs(series.timeframe) - clock.now())
      ops.push({ op: 'set', key: keys.formingCandle(series), value: current, ttlMs: restMs + FORMING_GRACE_MS })
    }
    if (ops.length === 0) return ops
    ops.push({ op: 'publish', channel: keys.candleChannel(series), message: stringifyChange(rows, current) })
    return ops
  }
}

import type { Series, Trade } from '@fullon/market'
import type { Cache } from './open-cache.js'
import { parseTrade, stringifyTrade } from './rows.js'

const DEFAULT_KEEP = 1_000

/**
 * The newest trades of each series, in the order of arrival. Errors: {@link CacheError}.
 *
 * Each push is published on `keys.tradeChannel(series)` as JSON: rows `[timestamp, id, side, price, amount]`.
 * A push repeated after `UNAVAILABLE` may be there twice: the store may have executed the first.
 */
export class TradesCache {
  readonly #cache: Cache
  readonly #keep: number

  /** Keeps the `keep` newest trades of a series: 1,000 by default, at least 1. */
  constructor(cache: Cache, { keep = DEFAULT_KEEP }: { readonly keep?: number } = {}) {
    if (!(Number.isInteger(keep) && keep >= 1))
      throw new RangeError(`keep: expected a whole number from 1, got ${keep}`)
    this.#cache = cache
    this.#keep = keep
  }

  /** Appends `trades`, oldest first. */
  async pushTrades(series: Series, trades: readonly Trade[]): Promise<void> {
    if (trades.length === 0) return
    const { driver, keys } = this.#cache
    const values = trades.slice(-this.#keep).map(stringifyTrade)
    const ops = [
      { op: 'listPush', key: keys.trades(series), values, keep: this.#keep },
      { op: 'publish', channel: keys.tradeChannel(series), message: `[${values.join(',')}]` },
    ] as const
    await driver.run(ops, { loose: true })
  }

  /** The `count` newest, oldest first; as many as are kept by default. */
  async getTrades(series: Series, count: number = this.#keep): Promise<Trade[]> {
    if (count < 1) return []
    const key = this.#cache.keys.trades(series)
    const [rows] = await this.#cache.driver.run([{ op: 'listTail', key, count }])
    return rows.map((row) => parseTrade(row, key))
  }

  /**
   * Takes the `count` oldest away and gives them, oldest first; as many as are kept by default. Two callers never
   * get the same trade. What was taken by a call that failed with `UNAVAILABLE` may be gone: the store may have executed it.
   */
  async popTrades(series: Series, count: number = this.#keep): Promise<Trade[]> {
    if (count < 1) return []
    const key = this.#cache.keys.trades(series)
    const [rows] = await this.#cache.driver.run([{ op: 'listPop', key, count }])
    return rows.map((row) => parseTrade(row, key))
  }
}

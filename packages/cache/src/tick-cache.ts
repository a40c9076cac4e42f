import type { Tick } from '@fullon/market'
import type { CacheOp } from './cache-driver.js'
import { CacheError } from './errors.js'
import type { Market, TickSeries } from './keys.js'
import type { Cache } from './open-cache.js'
import { parseTick, stringifyTick } from './tick-record.js'
import { type WatchOptions, watchChannel } from './watch-channel.js'

const DAY_MS = 86_400_000

export interface TickUpdate {
  readonly series: TickSeries
  readonly tick: Tick
}

/** What happened to a ticker since the last time. */
export interface TickChanges {
  /** In the order of publishing. */
  readonly ticks: readonly Tick[]
  /** There may have been more: get the ticker (again). True the first time. */
  readonly missed: boolean
}

export interface TickAge {
  /** An older tick is not given; a day by default. */
  readonly maxAgeMs?: number | undefined
}

/**
 * The newest ticker of each symbol, in the layout of Python's fullon_cache. Errors: {@link CacheError}.
 *
 * An exchange whose tickers nobody sets is forgotten after a day. Each tick is published on
 * `keys.tickerChannel(series)` as it is stored.
 */
export class TickCache {
  readonly #cache: Cache

  constructor(cache: Cache) {
    this.#cache = cache
  }

  async setTicker(series: TickSeries, tick: Tick): Promise<void> {
    await this.setTickers([{ series, tick }])
  }

  /** Any number of tickers in one round trip. */
  async setTickers(updates: readonly TickUpdate[]): Promise<void> {
    const { driver, keys } = this.#cache
    const markets = new Map<string, Map<string, string>>()
    const publications = updates.map(({ series, tick }): CacheOp => {
      const text = checkedText(series, tick)
      const key = keys.tickers(series)
      markets.set(key, (markets.get(key) ?? new Map()).set(series.symbol, text))
      return { op: 'publish', channel: keys.tickerChannel(series), message: text }
    })
    const writes = [...markets].flatMap(([key, fields]): CacheOp[] => [
      { op: 'hashSetMany', key, fields },
      { op: 'expire', key, ttlMs: DAY_MS },
    ])
    await driver.run([...writes, ...publications], { loose: true })
  }

  /** The newest tick of `series`, `undefined` when there is none that is new enough. */
  async getTicker(series: TickSeries, { maxAgeMs = DAY_MS }: TickAge = {}): Promise<Tick | undefined> {
    const key = this.#cache.keys.tickers(series)
    const [text] = await this.#cache.driver.run([{ op: 'hashGet', key, field: series.symbol }])
    if (text === undefined) return undefined
    const tick = parseTick(text, `${key} ${series.symbol}`)
    return this.#isNewEnough(tick, maxAgeMs) ? tick : undefined
  }

  /** The last price, `undefined` when there is none that is new enough. */
  async getPrice(series: TickSeries, age: TickAge = {}): Promise<number | undefined> {
    return (await this.getTicker(series, age))?.last
  }

  /**
   * By symbol, every tick of the exchange that is new enough. Those older than a day, of symbols that are not traded
   * any more, are removed; one that cannot be read does not hide the others.
   */
  async getAllTickers(market: Market, { maxAgeMs = DAY_MS }: TickAge = {}): Promise<Map<string, Tick>> {
    const { driver, keys } = this.#cache
    const key = keys.tickers(market)
    const [hash] = await driver.run([{ op: 'hashGetAll', key }])
    const ticks = [...hash].map(([symbol, text]) => ({ symbol, text, tick: readTick(text, key) }))
    const old = ticks.filter(({ tick }) => tick && !this.#isNewEnough(tick, DAY_MS))
    // Only what was read: another may have set it meanwhile.
    await driver.run(old.map(({ symbol, text }) => ({ op: 'hashDelete', key, field: symbol, expected: text }) as const))
    return new Map(
      ticks.flatMap(({ symbol, tick }) => (tick && this.#isNewEnough(tick, maxAgeMs) ? [[symbol, tick]] : [])),
    )
  }

  /**
   * Each tick from now on, until `signal` aborts; all that came while the reader was busy in one go, oldest first.
   * Whenever `missed` is true, and it is the first time, get the ticker: then nothing is overlooked.
   *
   * @throws CacheError `UNAVAILABLE` when there is no connection at the start (later ones are repaired), `CLOSED`
   */
  async *watch(series: TickSeries, options: WatchOptions = {}): AsyncGenerator<TickChanges, void> {
    const { driver, keys } = this.#cache
    const channel = keys.tickerChannel(series)
    for await (const { messages, missed } of watchChannel(driver, channel, options))
      yield { ticks: messages.map((text) => parseTick(text, channel)), missed }
  }

  #isNewEnough({ timestamp }: Tick, maxAgeMs: number): boolean {
    return this.#cache.clock.now() - timestamp <= maxAgeMs
  }
}

/** @throws RangeError when there is nothing to be stored. */
function checkedText(series: TickSeries, tick: Tick): string {
  if (Number.isFinite(tick.last) && Number.isFinite(tick.timestamp)) return stringifyTick(series, tick)
  throw new RangeError(
    `tick of ${series.symbol}: expected a last price and a time, got ${tick.last} at ${tick.timestamp}`,
  )
}

/** None when it cannot be read. */
function readTick(text: string, where: string): Tick | undefined {
  try {
    return parseTick(text, where)
  } catch (err) {
    if (err instanceof CacheError) return undefined
    throw err
  }
}

import { ceilToTimeframe, type EpochMs, floorToTimeframe, type Span, type Timeframe, timeframeMs } from '@fullon/market'
import { buildMarketCandles } from './candle-builder.js'
import type { Lateness } from './lateness.js'
import type { Market, MarketCandle, MarketTrade } from './market.js'
import type { HistoryLimit, View } from './view.js'

const DAY_MS = 86_400_000

/** A market as it was published by `until`. */
export class MarketView implements View {
  readonly until: EpochMs
  readonly #market: Market
  readonly #lateness: Lateness
  readonly #limit: HistoryLimit
  readonly #delistedAt: (symbol: string) => EpochMs
  /** Nothing older is served. */
  readonly #since: EpochMs

  constructor(options: {
    market: Market
    lateness: Lateness
    until: EpochMs
    limit: HistoryLimit
    delistedAt: (symbol: string) => EpochMs
  }) {
    this.until = options.until
    this.#market = options.market
    this.#lateness = options.lateness
    this.#limit = options.limit
    this.#delistedAt = options.delistedAt
    const { days } = options.limit
    this.#since = days === undefined ? Number.NEGATIVE_INFINITY : this.until - days * DAY_MS
  }

  get symbols(): readonly string[] {
    return this.#market.symbols
  }

  isListed(symbol: string): boolean {
    return this.until < this.#delistedAt(symbol)
  }

  trades(symbol: string, { since, until }: Span): readonly MarketTrade[] {
    const span = { since: Math.max(since, this.#since), until: Math.min(until, this.until) }
    return without(this.#market.trades(symbol, span), this.#lateness.heldBack(symbol, this.until))
  }

  tradesSince(symbol: string, sinceUs: number, count: number): readonly MarketTrade[] {
    // Never later than now: a cursor in the future must not make the market write that future.
    return this.#take(symbol, this.#market.countBefore(symbol, Math.min(sinceUs, this.until * 1000)), count)
  }

  tradesFrom(symbol: string, id: number, count: number): readonly MarketTrade[] {
    return this.#take(symbol, id - this.#firstId(symbol), count)
  }

  newestTrades(symbol: string, count: number, belowId = Number.POSITIVE_INFINITY): readonly MarketTrade[] {
    const [oldest, newest] = this.#bounds(symbol)
    const end = Math.min(newest, belowId - this.#firstId(symbol))
    const held = this.#lateness.heldBack(symbol, this.until)
    const first = Math.max(oldest, end - count - held.size)
    return without(this.#market.tradesAt(symbol, first, end), held).slice(-count)
  }

  candlesSince(timeframe: Timeframe): EpochMs {
    const { candles } = this.#limit
    if (candles === undefined) return this.#since
    return Math.max(this.#since, floorToTimeframe(this.until, timeframe) - (candles - 1) * timeframeMs(timeframe))
  }

  candles(symbol: string, timeframe: Timeframe, { since, until }: Span): readonly MarketCandle[] {
    const oldest = this.candlesSince(timeframe)
    const span = {
      since: oldest > since ? ceilToTimeframe(oldest, timeframe) : since,
      until: Math.min(until, this.until),
    }
    const candles = this.#market.candles(symbol, timeframe, span)
    const missing = this.#notInCandles(symbol)
    if (missing.size === 0) return candles
    return candles.flatMap((candle) => {
      const end = candle.timestamp + timeframeMs(timeframe)
      const own = { since: Math.max(candle.timestamp, span.since), until: Math.min(end, span.until) }
      if (![...missing.values()].some(({ timestamp }) => timestamp >= own.since && timestamp < own.until)) return candle
      const counted = this.#market.trades(symbol, own).filter(({ id }) => !missing.has(id))
      return buildMarketCandles(counted, timeframe, this.#market.priceDecimals(symbol))
    })
  }

  #notInCandles(symbol: string): ReadonlyMap<string, MarketTrade> {
    const held = this.#lateness.heldBackTrades(symbol, this.until)
    return new Map([...held, ...this.#lateness.uncounted(symbol, this.until)].map((trade) => [trade.id, trade]))
  }

  /** The first `count` published trades from a position on. */
  #take(symbol: string, from: number, count: number): readonly MarketTrade[] {
    const [oldest, newest] = this.#bounds(symbol)
    const first = Math.min(newest, Math.max(oldest, from))
    const held = this.#lateness.heldBack(symbol, this.until)
    const end = Math.min(newest, first + count + held.size)
    return without(this.#market.tradesAt(symbol, first, end), held).slice(0, count)
  }

  /** The positions that are served: from the first, inclusive, to the last, exclusive. */
  #bounds(symbol: string): [oldest: number, newest: number] {
    const newest = this.#market.countBefore(symbol, this.until * 1000)
    const oldest = Number.isFinite(this.#since) ? this.#market.countBefore(symbol, this.#since * 1000) : 0
    return [Math.min(oldest, newest), newest]
  }

  #firstId(symbol: string): number {
    return Number(this.#market.tradesAt(symbol, 0, 1)[0]?.id ?? 1)
  }
}

function without(trades: readonly MarketTrade[], held: ReadonlySet<string>): readonly MarketTrade[] {
  return held.size === 0 ? trades : trades.filter(({ id }) => !held.has(id))
}

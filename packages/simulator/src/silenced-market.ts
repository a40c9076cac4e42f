import { ceilToTimeframe, type EpochMs, floorToTimeframe, type Span, type Timeframe } from '@fullon/market'
import { buildMarketCandles } from './candle-builder.js'
import type { Market, MarketCandle, MarketTrade } from './market.js'

/** The end of a silence that has none: the last instant of a Date. */
export const FOREVER: EpochMs = 8.64e15

/**
 * A market without the trades of some spans; the ids of those after them close up, as if they had never been
 * made.
 */
export class SilencedMarket implements Market {
  readonly #market: Market
  readonly #silences: (symbol: string) => readonly Span[]

  /**
   * @param silences by symbol: ascending, not overlapping; the last may end at `FOREVER`. May grow by spans that are
   * later than all that was asked for.
   */
  constructor(market: Market, silences: (symbol: string) => readonly Span[]) {
    this.#market = market
    this.#silences = silences
  }

  get symbols(): readonly string[] {
    return this.#market.symbols
  }

  priceDecimals(symbol: string): number {
    return this.#market.priceDecimals(symbol)
  }

  countBefore(symbol: string, timestampUs: number): number {
    const spans = this.#silences(symbol)
    const last = spans.at(-1)
    // After a silence without end there is nothing to be counted, or made.
    const end = last?.until === FOREVER ? Math.min(timestampUs, last.since * 1000) : timestampUs
    const silent = spans.reduce((sum, span) => sum + this.#countIn(symbol, span, end), 0)
    return this.#market.countBefore(symbol, end) - silent
  }

  tradesAt(symbol: string, first: number, end: number): readonly MarketTrade[] {
    if (this.#silences(symbol).length === 0) return this.#market.tradesAt(symbol, first, end)
    const result: MarketTrade[] = []
    for (let position = Math.max(0, first); position < end; ) {
      const trades = this.#piece(symbol, position, end)
      if (trades.length === 0) break
      result.push(...trades)
      position += trades.length
    }
    return result
  }

  trades(symbol: string, { since, until }: Span): readonly MarketTrade[] {
    const end = this.countBefore(symbol, until * 1000)
    return this.tradesAt(symbol, Math.min(end, this.countBefore(symbol, Math.min(since, until) * 1000)), end)
  }

  candles(symbol: string, timeframe: Timeframe, span: Span): MarketCandle[] {
    const hull = { since: floorToTimeframe(span.since, timeframe), until: ceilToTimeframe(span.until, timeframe) }
    if (!this.#silences(symbol).some(({ since, until }) => since < hull.until && until > hull.since))
      return this.#market.candles(symbol, timeframe, span)
    return buildMarketCandles(this.trades(symbol, span), timeframe, this.priceDecimals(symbol))
  }

  /** How many trades before `timestampUs` the whole market has in `span`. */
  #countIn(symbol: string, { since, until }: Span, timestampUs: number): number {
    const end = Math.min(until * 1000, timestampUs)
    if (end <= since * 1000) return 0
    return this.#market.countBefore(symbol, end) - this.#market.countBefore(symbol, since * 1000)
  }

  /** Those from `first` up to `end`, or up to the next silence. */
  #piece(symbol: string, first: number, end: number): readonly MarketTrade[] {
    let skipped = 0
    for (const { since, until } of this.#silences(symbol)) {
      const start = this.#market.countBefore(symbol, since * 1000)
      if (first + skipped < start)
        return renumber(this.#market.tradesAt(symbol, first + skipped, Math.min(end + skipped, start)), skipped)
      if (until === FOREVER) return []
      skipped += this.#market.countBefore(symbol, until * 1000) - start
    }
    return renumber(this.#market.tradesAt(symbol, first + skipped, end + skipped), skipped)
  }
}

function renumber(trades: readonly MarketTrade[], by: number): readonly MarketTrade[] {
  return by === 0 ? trades : trades.map((trade) => ({ ...trade, id: String(Number(trade.id) - by) }))
}

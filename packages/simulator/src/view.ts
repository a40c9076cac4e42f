import type { EpochMs, Span, Timeframe } from '@fullon/market'
import type { MarketCandle, MarketTrade } from './market.js'

/** How far back is served. */
export interface HistoryLimit {
  readonly days?: number
  /** Of each timeframe the newest, the forming one included. */
  readonly candles?: number
}

/**
 * What an exchange had published at one instant. Every method throws RangeError for a symbol that is not in
 * `symbols`, and none gives anything that was published later.
 */
export interface View {
  readonly symbols: readonly string[]
  /** Everything older than this can have been published. */
  readonly until: EpochMs
  /** It was not delisted by then. */
  isListed(symbol: string): boolean
  /** Trades of `span`, ascending. */
  trades(symbol: string, span: Span): readonly MarketTrade[]
  /** The first `count` trades that are not older than `sinceUs`, in microseconds; ascending. */
  tradesSince(symbol: string, sinceUs: number, count: number): readonly MarketTrade[]
  /** The first `count` trades whose id is not below `id`, ascending. */
  tradesFrom(symbol: string, id: number, count: number): readonly MarketTrade[]
  /** The newest `count` trades, of those whose id is below `belowId`; ascending. */
  newestTrades(symbol: string, count: number, belowId?: number): readonly MarketTrade[]
  /** The oldest open time that is served. */
  candlesSince(timeframe: Timeframe): EpochMs
  /** Candles of the trades of `span`, ascending, the forming one included; an interval without a trade has none. */
  candles(symbol: string, timeframe: Timeframe, span: Span): readonly MarketCandle[]
}

/** The same of an exchange that answers as if it had never published anything. */
export function emptyView(view: View): View {
  return {
    symbols: view.symbols,
    until: view.until,
    isListed: (symbol) => view.isListed(symbol),
    trades: () => [],
    tradesSince: () => [],
    tradesFrom: () => [],
    newestTrades: () => [],
    candlesSince: (timeframe) => view.candlesSince(timeframe),
    candles: () => [],
  }
}

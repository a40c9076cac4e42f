import type { Candle, Span, Timeframe, Trade } from '@fullon/market'

/** A trade with the time that exchanges page by. */
export interface MarketTrade extends Trade {
  /** Microseconds since 1970, unique in its symbol and ascending with the id; `timestamp` is its whole milliseconds. */
  readonly timestampUs: number
}

/** A candle with what exchanges publish beside it. */
export interface MarketCandle extends Candle {
  /** How many trades it is made of. */
  readonly trades: number
  /** The average price, weighted by amount. */
  readonly vwap: number
}

/**
 * Everything that is ever traded, as a pure function of time: it knows the future.
 * What of it is published by now is the business of the servers and of `Truth`.
 * Every method throws RangeError for a symbol that is not in `symbols` and for a time that is not finite.
 */
export interface Market {
  /** ccxt unified: `BTC/USD`. */
  readonly symbols: readonly string[]
  /** Digits after the point of this symbol's prices. */
  priceDecimals(symbol: string): number
  /** The trades of `span`, ascending. Ids are consecutive integers per symbol, in order of time. */
  trades(symbol: string, span: Span): readonly MarketTrade[]
  /** Candles of the trades of `span`, ascending; an interval without a trade has none. */
  candles(symbol: string, timeframe: Timeframe, span: Span): MarketCandle[]
  /** How many trades are older than `timestampUs`, in microseconds: the position of the first that is not. */
  countBefore(symbol: string, timestampUs: number): number
  /** The trades at the positions from `first`, inclusive, to `end`, exclusive. */
  tradesAt(symbol: string, first: number, end: number): readonly MarketTrade[]
}

import type { EpochMs, Trade } from '@fullon/market'

/** Arguments of ccxt's fetchTrades. */
export interface TradeAsk {
  readonly since?: EpochMs
  readonly params?: Readonly<Record<string, unknown>>
}

/** One answer: trades ascending, and what came on the wire. */
export interface TradeAnswer {
  readonly trades: readonly Trade[]
  /** Times of what was no valid trade. */
  readonly refused: readonly EpochMs[]
  readonly json: unknown
  /** The exchange's time when it answered. */
  readonly serverTime: EpochMs
}

/** From a time forwards. */
export interface ForwardPaging {
  readonly direction: 'forward'
  /** Rows of a full page. */
  readonly limit: number
  /** A request by time answers for this much time and no more, so an empty page is not the end. */
  readonly windowMs?: number
  readonly first: (since: EpochMs, until: EpochMs) => TradeAsk
  /** What follows an answer, by the exchange's own cursor. Absent where it has none: then pages overlap by a millisecond. */
  readonly next?: (answer: TradeAnswer) => TradeAsk
  /** Asks for that trade and what follows it, where ids are numbers that ascend with time. */
  readonly from?: (id: string) => TradeAsk
}

/** By id backwards from the newest; ids ascend with time. */
export interface BackwardPaging {
  readonly direction: 'backward'
  readonly limit: number
  /** Asks for the trades older than that id. */
  readonly before: (id: string) => TradeAsk
  /** Asks for the newest. */
  readonly newest: TradeAsk
  /** Trades older than this are not served any more. */
  readonly keptMs?: number
}

/** Nothing but the newest page. */
export interface NewestPaging {
  readonly direction: 'newest'
  readonly limit: number
  /** Of derivatives, where it differs. */
  readonly contractLimit?: number
}

/** ccxt's fetchTrades gives something else than public trades. */
export interface NoPaging {
  readonly direction: 'none'
}

export type TradePaging = ForwardPaging | BackwardPaging | NewestPaging | NoPaging

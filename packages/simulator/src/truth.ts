import {
  type Candle,
  type Clock,
  ceilToTimeframe,
  type EpochMs,
  floorToTimeframe,
  type Span,
  type Timeframe,
  type Trade,
} from '@fullon/market'
import type { History } from './history.js'

/**
 * What has been published, up to now or up to an instant `asOf`; the forming candle is not in it. What a limit of
 * the history or a lag keeps from REST is in it.
 */
export interface Truth {
  readonly symbols: readonly string[]
  /** Closed candles that open in `span`, ascending; an interval without a trade has none. */
  candles(symbol: string, timeframe: Timeframe, span: Span, asOf?: EpochMs): Candle[]
  /** Trades of `span`, ascending by id. */
  trades(symbol: string, span: Span, asOf?: EpochMs): Trade[]
}

/** @param clock the exchange's. */
export function createTruth(history: History, clock: Clock): Truth {
  /** What will be published is not known yet. */
  const at = (asOf: EpochMs | undefined): EpochMs => Math.min(asOf ?? clock.now(), clock.now())
  return {
    symbols: history.symbols,
    candles(symbol, timeframe, { since, until }, asOf) {
      const horizon = floorToTimeframe(at(asOf), timeframe)
      const whole = {
        since: ceilToTimeframe(since, timeframe),
        until: Math.min(ceilToTimeframe(until, timeframe), horizon),
      }
      return history
        .at(at(asOf))
        .candles(symbol, timeframe, whole)
        .map(({ timestamp, open, high, low, close, volume }) => ({ timestamp, open, high, low, close, volume }))
    },
    trades(symbol, span, asOf) {
      return history
        .at(at(asOf))
        .trades(symbol, span)
        .map(({ timestamp, id, side, price, amount }) => ({ timestamp, id, side, price, amount }))
    },
  }
}

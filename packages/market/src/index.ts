export { buildCandles, resampleCandles, saysNothing } from './build-candles.js'
export { type Clock, systemClock } from './clock.js'
export { compareTrades } from './compare-trades.js'
export type { EpochMs } from './epoch-ms.js'
export type { Page, Unavailable } from './page.js'
export type { Candle, Series, Tick, Trade } from './records.js'
export {
  clipSpans,
  intersectSpans,
  normalizeSpans,
  type Span,
  spansCover,
  spansLengthMs,
  subtractSpans,
  unionSpans,
} from './spans.js'
export {
  ceilToTimeframe,
  floorToTimeframe,
  isTimeframe,
  parseTimeframe,
  TIMEFRAMES,
  type Timeframe,
  timeframeMs,
  wholeIntervals,
} from './timeframe.js'

import {
  ceilToTimeframe,
  type EpochMs,
  floorToTimeframe,
  intersectSpans,
  type Series,
  type Span,
  saysNothing,
  subtractSpans,
  type Timeframe,
  timeframeMs,
  unionSpans,
  wholeIntervals,
} from '@fullon/market'
import { mergeRows } from './merge-rows.js'
import type { Timed } from './partitions.js'
import { aggregateTrades } from './sql/aggregate-trades.js'
import { extendCoverage } from './sql/extend-coverage.js'
import { findAndLock, lockSeries } from './sql/lock-series.js'
import { mergeCandles } from './sql/merge-candles.js'
import type { Queryable } from './sql/queryable.js'
import { type CoverageSpans, readSpans } from './sql/read-spans.js'

export interface BuildTarget {
  readonly timeframe: Timeframe
  readonly finalBefore?: EpochMs | undefined
}

/** Intervals aggregated at a time, so that a page of years is built in bounded memory. */
const SLICE_INTERVALS = 10_000

/**
 * Builds the candles of the intervals that `page` touches and trade coverage holds whole, in one transaction
 * with what was saved.
 *
 * @returns how many candles were inserted or corrected.
 */
export async function buildFromTrades(
  connection: Queryable,
  tradeSeries: Series,
  page: Span,
  target: BuildTarget,
): Promise<number> {
  const { timeframe } = target
  const touched = touchedIntervals(page, timeframe)
  const tradesId = await findAndLock(connection, tradeSeries)
  if (tradesId === undefined) return 0
  const trades = await readSpans(connection, tradesId, touched)
  if (wholeIntervals(trades.covered, timeframe).length === 0) return 0 // the usual live flush
  const candlesId = await lockSeries(connection, { ...tradeSeries, timeframe })
  const { built, confirmed } = targetIntervals(trades, await readSpans(connection, candlesId, touched), target)
  let written = 0
  for (const slice of slicesOf(built, SLICE_INTERVALS * timeframeMs(timeframe))) {
    const candles = await aggregateTrades(connection, tradesId, slice, timeframe)
    const rows = candles.filter((candle) => !saysNothing(candle))
    const { inserted, corrected } = await mergeRows(
      connection,
      candlesId,
      { rows, window: slice, replaced: [slice] },
      mergeCandles,
    )
    written += inserted + corrected
  }
  if (built.length > 0) await extendCoverage(connection, candlesId, { covered: built, confirmed, built })
  return written
}

/** A moment of every week that {@link buildFromTrades} may write candles to. */
export function* buildWeeks(page: Span, { timeframe }: BuildTarget): Generator<Timed> {
  const { since, until } = touchedIntervals(page, timeframe)
  const [first, step] = [floorToTimeframe(since, '1w'), timeframeMs('1w')]
  for (let timestamp = first; timestamp < until; timestamp += step) yield { timestamp }
}

/** `page` widened to whole intervals. */
function touchedIntervals({ since, until }: Span, timeframe: Timeframe): Span {
  return { since: floorToTimeframe(since, timeframe), until: ceilToTimeframe(until, timeframe) }
}

/** Which intervals are built, and which of them are final. */
function targetIntervals(trades: CoverageSpans, candles: CoverageSpans, { timeframe, finalBefore = 0 }: BuildTarget) {
  const exchangeOwn = subtractSpans(candles.covered, candles.built)
  const provisional = subtractSpans(
    wholeIntervals(trades.covered, timeframe),
    unionSpans(exchangeOwn, candles.confirmed),
  )
  // Out of the exchange's reach, or decided by confirmed trades before and so following them.
  const decidedByTrades = unionSpans(
    [{ since: 0, until: floorToTimeframe(finalBefore, timeframe) }],
    intersectSpans(candles.confirmed, candles.built),
  )
  const confirmed = subtractSpans(
    intersectSpans(wholeIntervals(trades.confirmed, timeframe), decidedByTrades),
    subtractSpans(candles.confirmed, candles.built),
  )
  return { built: unionSpans(provisional, confirmed), confirmed }
}

function* slicesOf(spans: readonly Span[], lengthMs: number): Generator<Span> {
  for (const { since, until } of spans) {
    for (let start = since; start < until; start += lengthMs) {
      yield { since: start, until: Math.min(start + lengthMs, until) }
    }
  }
}

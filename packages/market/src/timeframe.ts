import type { EpochMs } from './epoch-ms.js'
import { normalizeSpans, type Span } from './spans.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const LENGTH_MS = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '8h': 8 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': DAY_MS,
  '3d': 3 * DAY_MS,
  '1w': 7 * DAY_MS,
} as const

// 1970-01-01 was a Thursday; weeks start on the Monday after it.
const WEEK_ORIGIN: EpochMs = 4 * DAY_MS

export type Timeframe = keyof typeof LENGTH_MS

/** Every timeframe, shortest first. */
export const TIMEFRAMES = Object.keys(LENGTH_MS) as readonly Timeframe[] // cast: the keys of a literal

export function isTimeframe(text: string): text is Timeframe {
  return Object.hasOwn(LENGTH_MS, text)
}

/** @throws RangeError for anything that is not in {@link TIMEFRAMES}. */
export function parseTimeframe(text: string): Timeframe {
  if (isTimeframe(text)) return text
  throw new RangeError(`timeframe: expected one of ${TIMEFRAMES.join(' ')}, got ${JSON.stringify(text)}`)
}

export function timeframeMs(timeframe: Timeframe): number {
  return LENGTH_MS[timeframe]
}

/** Open time of the interval that holds `timestamp`. */
export function floorToTimeframe(timestamp: EpochMs, timeframe: Timeframe): EpochMs {
  const origin = timeframe === '1w' ? WEEK_ORIGIN : 0
  const length = LENGTH_MS[timeframe]
  return Math.floor((timestamp - origin) / length) * length + origin
}

/** The first open time at or after `timestamp`. */
export function ceilToTimeframe(timestamp: EpochMs, timeframe: Timeframe): EpochMs {
  const floor = floorToTimeframe(timestamp, timeframe)
  return floor === timestamp ? floor : floor + LENGTH_MS[timeframe]
}

/** The part of a span set (in any form; the result is in normal form) that is made of whole intervals. */
export function wholeIntervals(spans: readonly Span[], timeframe: Timeframe): Span[] {
  return normalizeSpans(spans)
    .map(({ since, until }) => ({
      since: ceilToTimeframe(since, timeframe),
      until: floorToTimeframe(until, timeframe),
    }))
    .filter(({ since, until }) => since < until)
}

import {
  type Candle,
  clipSpans,
  type EpochMs,
  type Span,
  type Timeframe,
  timeframeMs,
  wholeIntervals,
} from '@fullon/market'
import type { AggregatedCandle } from './sql/aggregate-trades.js'

/** What stands for an interval that was answered for and holds no row. */
export type Fill = 'none' | 'previous' | 'null'

export interface FetchedCandle extends Candle {
  /** The exchange has answered for all of its interval. */
  readonly whole: boolean
}

/** Answered for, and nothing was traded. */
export interface EmptyCandle {
  readonly timestamp: EpochMs
  readonly open: null
  readonly high: null
  readonly low: null
  readonly close: null
  readonly volume: 0
  readonly whole: true
}

/** The last price known, and when. */
export type LastPrice = Pick<AggregatedCandle, 'close' | 'lastAt'>

export interface FillOptions {
  readonly timeframe: Timeframe
  /** Of the source, ascending; may reach beyond the window. */
  readonly covered: readonly Span[]
  /** Aligned. */
  readonly window: Span
  readonly fill: Fill
  /** Before the window. */
  readonly previous?: LastPrice | undefined
}

/**
 * Says of each candle whether its interval is whole, and fills whole intervals that have none. A price is carried on
 * as far as coverage is unbroken: beyond a gap nobody knows what it was.
 */
export function fillCandles(
  candles: readonly AggregatedCandle[],
  { timeframe, covered, window, fill, previous }: FillOptions,
): (FetchedCandle | EmptyCandle)[] {
  const result: (FetchedCandle | EmptyCandle)[] = []
  let last = previous
  let index = 0
  for (const span of covered) {
    for (const timestamp of opensOf(wholeIntervals(clipSpans([span], window), timeframe), timeframe)) {
      takeBefore(timestamp, false)
      const { length } = result
      takeBefore(timestamp + 1, true)
      if (result.length > length) continue
      if (fill === 'null') result.push(emptyCandle(timestamp))
      if (fill === 'previous' && last && last.lastAt >= span.since) result.push(flatCandle(timestamp, last.close))
    }
  }
  takeBefore(Number.POSITIVE_INFINITY, false)
  return result

  function takeBefore(until: EpochMs, whole: boolean): void {
    for (let candle = candles[index]; candle && candle.timestamp < until; candle = candles[++index]) {
      const { lastAt, ...fields } = candle
      result.push({ ...fields, whole })
      last = candle
    }
  }
}

function* opensOf(spans: readonly Span[], timeframe: Timeframe): Generator<EpochMs> {
  for (const { since, until } of spans) {
    for (let timestamp = since; timestamp < until; timestamp += timeframeMs(timeframe)) yield timestamp
  }
}

function flatCandle(timestamp: EpochMs, price: number): FetchedCandle {
  return { timestamp, open: price, high: price, low: price, close: price, volume: 0, whole: true }
}

function emptyCandle(timestamp: EpochMs): EmptyCandle {
  return { timestamp, open: null, high: null, low: null, close: null, volume: 0, whole: true }
}

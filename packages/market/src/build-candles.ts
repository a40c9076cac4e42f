import { compareTrades } from './compare-trades.js'
import type { EpochMs } from './epoch-ms.js'
import type { Candle, Trade } from './records.js'
import { floorToTimeframe, type Timeframe, timeframeMs } from './timeframe.js'

/**
 * Candles of `trades`, ascending; an interval without a trade has none. Trades may come in any order:
 * each goes to the interval of its own timestamp, and open and close follow time and then id.
 */
export function buildCandles(trades: readonly Trade[], timeframe: Timeframe): Candle[] {
  const points = trades.toSorted(compareTrades).map(({ timestamp, price, amount }) => ({
    timestamp,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: amount,
  }))
  return fold(points, timeframe)
}

/**
 * Candles of a longer timeframe from ascending ones of a shorter.
 *
 * @throws RangeError when `to` is not a multiple of `from`, or `candles` do not ascend.
 */
export function resampleCandles(candles: readonly Candle[], from: Timeframe, to: Timeframe): Candle[] {
  if (timeframeMs(to) % timeframeMs(from) !== 0) {
    throw new RangeError(`resample: expected a multiple of ${from}, got ${to}`)
  }
  let previous: EpochMs = Number.NEGATIVE_INFINITY
  for (const { timestamp } of candles) {
    if (timestamp <= previous)
      throw new RangeError(`resample: expected ascending candles, got ${timestamp} after ${previous}`)
    previous = timestamp
  }
  return fold(candles, to)
}

/** A candle of volume 0 whose four prices are the same: some exchanges send one for a quiet interval, some send none. */
export function saysNothing({ open, high, low, close, volume }: Candle): boolean {
  return volume === 0 && open === high && high === low && low === close
}

/** Merges ascending candles (a trade is one of no length) into those of `timeframe`. */
function fold(points: readonly Candle[], timeframe: Timeframe): Candle[] {
  const result: { -readonly [K in keyof Candle]: Candle[K] }[] = []
  for (const point of points) {
    const timestamp = floorToTimeframe(point.timestamp, timeframe)
    const last = result.at(-1)
    if (last?.timestamp === timestamp) {
      last.high = Math.max(last.high, point.high)
      last.low = Math.min(last.low, point.low)
      last.close = point.close
      last.volume += point.volume
    } else result.push({ ...point, timestamp })
  }
  return result
}

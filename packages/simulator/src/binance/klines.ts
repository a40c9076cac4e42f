import { type EpochMs, floorToTimeframe, isTimeframe, type Timeframe, timeframeMs } from '@fullon/market'
import { fillCandles } from '../fill-candles.js'
import type { MarketCandle } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'
import type { View } from '../view.js'
import { findPair, parseInteger, parseLimit, Refusal } from './refusal.js'
import type { BinanceRequest } from './rest.js'

/**
 * `klines`: rows `[open time, open, high, low, close, volume, close time, quote volume, trades, …]`, ascending,
 * the forming one and those without a trade included. `startTime` and `endTime` are both inclusive. With a
 * start the oldest `limit` (usually 500, at most 1000) rows from there on, else the newest ones.
 */
export function fetchKlines({ pairs, url, view }: BinanceRequest): unknown[][] {
  const query = url.searchParams
  const { symbol } = findPair(pairs, query)
  const interval = query.get('interval')
  if (interval === null)
    throw new Refusal(-1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed.")
  if (!isTimeframe(interval)) throw new Refusal(-1120, 'Invalid interval.')
  const limit = parseLimit(query, { usual: 500, most: 1000 })
  const startTime = parseInteger(query, 'startTime')
  const last = Math.min(parseInteger(query, 'endTime') ?? view.until, view.until)
  const length = timeframeMs(interval)
  const newest = floorToTimeframe(last, interval) - (limit - 1) * length
  const since = startTime === undefined ? newest : Math.max(startTime, oldestCandle(view, symbol, interval))
  const until = startTime === undefined ? last + 1 : Math.min(last + 1, since + limit * length)
  return fillCandles(view, symbol, interval, { since, until })
    .slice(0, limit)
    .map((candle) => toRow(candle, length))
}

/** The symbol's first candle that is served: a start before it is answered from there on. */
function oldestCandle(view: View, symbol: string, timeframe: Timeframe): EpochMs {
  const [first] = view.tradesSince(symbol, 0, 1)
  return Math.max(view.candlesSince(timeframe), floorToTimeframe(first?.timestamp ?? view.until, timeframe))
}

function toRow({ timestamp, open, high, low, close, volume, vwap, trades }: MarketCandle, length: number): unknown[] {
  const prices = [open, high, low, close, volume].map(plainDecimal)
  // What the takers bought is not kept: 0.
  return [timestamp, ...prices, timestamp + length - 1, (vwap * volume).toFixed(8), trades, '0', '0', '0']
}

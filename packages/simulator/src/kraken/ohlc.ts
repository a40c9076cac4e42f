import { floorToTimeframe, timeframeMs } from '@fullon/market'
import { fillCandles } from '../fill-candles.js'
import type { MarketCandle } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'
import { findPair, parseDecimal, Refusal } from './refusal.js'
import type { KrakenRequest } from './rest.js'
import { toTimeframe } from './timeframes.js'

/** The newest candles, the forming one among them, are all there is: an older `since` is ignored without a word. */
const NEWEST = 720

/**
 * `OHLC`: rows `[open time in seconds, open, high, low, close, vwap, volume, count]`, ascending, later than
 * `since`, and the forming one whatever `since` is (docs.kraken.com, get-ohlc-data). A minute without trades has the price before it and volume 0. `last` is the newest closed candle's.
 */
export function fetchOhlc({ pairs, url, view }: KrakenRequest): object {
  const query = url.searchParams
  const pair = findPair(pairs, query)
  const timeframe = toTimeframe(parseDecimal(query, 'interval') ?? 1)
  if (!timeframe) throw new Refusal('EGeneral:Invalid arguments:interval')
  const sinceSeconds = parseDecimal(query, 'since') ?? 0
  const forming = floorToTimeframe(view.until, timeframe)
  const length = timeframeMs(timeframe)
  // Its first millisecond belongs to the forming candle too.
  const newest = { since: forming - (NEWEST - 1) * length, until: view.until + 1 }
  const rows = fillCandles(view, pair.symbol, timeframe, newest)
    .filter(({ timestamp }) => timestamp / 1000 > sinceSeconds || timestamp === forming)
    .map(toRow)
  return { [pair.id]: rows, last: (forming - length) / 1000 }
}

function toRow({ timestamp, open, high, low, close, vwap, volume, trades }: MarketCandle): unknown[] {
  return [timestamp / 1000, ...[open, high, low, close, vwap, volume].map(plainDecimal), trades]
}

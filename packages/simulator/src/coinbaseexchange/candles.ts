import { type EpochMs, floorToTimeframe, type Timeframe, timeframeMs } from '@fullon/market'
import { parseInteger, Refusal } from './refusal.js'
import type { ProductRequest } from './rest.js'

/** Coinbase's granularities, in seconds. */
const TIMEFRAMES = new Map<number, Timeframe>([
  [60, '1m'],
  [300, '5m'],
  [900, '15m'],
  [3600, '1h'],
  [21_600, '6h'],
  [86_400, '1d'],
])
const MOST = 300

/**
 * `candles`: rows `[open time in seconds, low, high, open, close, volume]`, newest first, the forming one
 * included, those without a trade left out (docs.cdp.coinbase.com, get-product-candles). `start` and `end` are
 * both inclusive and count only together; without them the newest 300 intervals.
 */
export function fetchCandles({ product, url, view }: ProductRequest): number[][] {
  const query = url.searchParams
  const timeframe = TIMEFRAMES.get(parseInteger(query, 'granularity') ?? 60)
  if (!timeframe) throw new Refusal('Unsupported granularity')
  const length = timeframeMs(timeframe)
  const [start, end] = [parseTime(query, 'start'), parseTime(query, 'end')]
  const forming = floorToTimeframe(view.until, timeframe)
  const newest = { since: forming - (MOST - 1) * length, until: forming + length }
  const span = start === undefined || end === undefined ? newest : { since: start, until: end + 1 }
  if ((span.until - 1 - span.since) / length > MOST) {
    const asked = `Count of aggregations requested exceeds ${MOST}`
    throw new Refusal(`granularity too small for the requested time range. ${asked}`)
  }
  return view
    .candles(product.symbol, timeframe, {
      since: floorToTimeframe(span.since, timeframe),
      until: floorToTimeframe(span.until - 1, timeframe) + length,
    })
    .filter(({ timestamp }) => timestamp >= span.since && timestamp < span.until)
    .map(({ timestamp, low, high, open, close, volume }) => [timestamp / 1000, low, high, open, close, volume])
    .reverse()
    .slice(0, MOST)
}

/** ISO 8601 or seconds. */
function parseTime(query: URLSearchParams, name: string): EpochMs | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (!Number.isFinite(time)) throw new Refusal(`invalid ${name}`)
  return time
}

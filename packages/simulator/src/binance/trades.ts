import type { MarketTrade } from '../market.js'
import { toAggregate, toTrade } from './agg-trade.js'
import { findPair, parseInteger, parseLimit, Refusal } from './refusal.js'
import type { BinanceRequest } from './rest.js'

const HOUR_MS = 3_600_000
const LIMIT = { usual: 500, most: 1000 }

/** `aggTrades`, ascending: the newest; or the first from `fromId` on; or those from `startTime` to `endTime`, both inclusive. */
export function fetchAggTrades(request: BinanceRequest): object[] {
  return listAggregates(request).map(toAggregate)
}

/** `trades`: the newest, ascending. */
export function fetchRecentTrades({ pairs, url, view }: BinanceRequest): object[] {
  const { symbol } = findPair(pairs, url.searchParams)
  return view.newestTrades(symbol, parseLimit(url.searchParams, LIMIT)).map(toTrade)
}

function listAggregates({ pairs, url, view }: BinanceRequest): readonly MarketTrade[] {
  const query = url.searchParams
  const { symbol } = findPair(pairs, query)
  const limit = parseLimit(query, LIMIT)
  const [fromId, startTime, endTime] = ['fromId', 'startTime', 'endTime'].map((name) => parseInteger(query, name))
  if (fromId !== undefined) {
    if (startTime !== undefined || endTime !== undefined)
      throw new Refusal(-1128, 'Combination of optional parameters invalid.')
    return view.tradesFrom(symbol, fromId, limit)
  }
  if (startTime !== undefined && endTime !== undefined && endTime - startTime > HOUR_MS)
    throw new Refusal(-1127, 'More than 1 hour between startTime and endTime.')
  const until = endTime === undefined ? view.until : endTime + 1
  if (startTime === undefined) {
    const [next] = view.tradesSince(symbol, until * 1000, 1)
    return view.newestTrades(symbol, limit, next ? Number(next.id) : undefined)
  }
  return view.tradesSince(symbol, startTime * 1000, limit).filter(({ timestamp }) => timestamp < until)
}

import { plainDecimal } from '../plain-decimal.js'
import { buildTicker } from '../ticker.js'
import { tradeIdOf } from './agg-trade.js'
import { findPair } from './refusal.js'
import type { BinanceRequest } from './rest.js'

/** `ticker/24hr` of one symbol. There is no order book: bid and ask are the last price. */
export function fetchTicker({ pairs, url, view }: BinanceRequest): object {
  const { id, symbol } = findPair(pairs, url.searchParams)
  const ticker = buildTicker(view, symbol)
  if (!ticker) return { symbol: id, count: 0 }
  const { since, last, open, high, low, volume, quoteVolume, trades } = ticker
  const price = plainDecimal(last.price)
  return {
    symbol: id,
    priceChange: (last.price - open).toFixed(8),
    priceChangePercent: ((100 * (last.price - open)) / open).toFixed(3),
    weightedAvgPrice: (volume > 0 ? quoteVolume / volume : last.price).toFixed(8),
    lastPrice: price,
    lastQty: plainDecimal(last.amount),
    bidPrice: price,
    bidQty: '0',
    askPrice: price,
    askQty: '0',
    openPrice: plainDecimal(open),
    highPrice: plainDecimal(high),
    lowPrice: plainDecimal(low),
    volume: volume.toFixed(8),
    quoteVolume: quoteVolume.toFixed(8),
    openTime: since,
    closeTime: view.until,
    firstId: tradeIdOf(last.id) - Math.max(0, trades - 1),
    lastId: tradeIdOf(last.id),
    count: trades,
  }
}

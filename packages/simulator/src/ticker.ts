import type { EpochMs } from '@fullon/market'
import type { MarketTrade } from './market.js'
import type { View } from './view.js'

const DAY_MS = 86_400_000

/** The last 24 hours of a symbol. */
export interface Ticker {
  readonly since: EpochMs
  /** The newest trade, which may be older than that. */
  readonly last: MarketTrade
  readonly open: number
  readonly high: number
  readonly low: number
  readonly volume: number
  readonly quoteVolume: number
  readonly trades: number
}

/** `undefined` as long as nothing was traded. */
export function buildTicker(view: View, symbol: string): Ticker | undefined {
  const [last] = view.newestTrades(symbol, 1)
  if (!last) return undefined
  const since = view.until - DAY_MS
  const trades = view.trades(symbol, { since, until: view.until })
  let [high, low, volume, quoteVolume] = [last.price, last.price, 0, 0]
  for (const { price, amount } of trades) {
    high = Math.max(high, price)
    low = Math.min(low, price)
    volume += amount
    quoteVolume += price * amount
  }
  return { since, last, open: trades[0]?.price ?? last.price, high, low, volume, quoteVolume, trades: trades.length }
}

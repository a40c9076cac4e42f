import { ceilToTimeframe, type EpochMs, type Span, type Timeframe, timeframeMs } from '@fullon/market'
import type { MarketCandle } from './market.js'
import type { View } from './view.js'

/**
 * A candle for every interval that opens in `span`, ascending, as exchanges send them that leave no minute out:
 * one without a trade has the price before it and volume 0. Before the first trade ever there is none.
 */
export function fillCandles(view: View, symbol: string, timeframe: Timeframe, { since, until }: Span): MarketCandle[] {
  const length = timeframeMs(timeframe)
  const first = ceilToTimeframe(Math.max(since, view.candlesSince(timeframe)), timeframe)
  const traded = view.candles(symbol, timeframe, { since: first, until: ceilToTimeframe(until, timeframe) })
  let close = lastPrice(view, symbol, first)
  const result: MarketCandle[] = []
  let next = 0
  for (let timestamp = first; timestamp < until; timestamp += length) {
    const candle = traded[next]
    if (candle?.timestamp === timestamp) {
      result.push(candle)
      close = candle.close
      next++
    } else if (close !== undefined) result.push(quietCandle(timestamp, close))
  }
  return result
}

export function quietCandle(timestamp: EpochMs, price: number): MarketCandle {
  return { timestamp, open: price, high: price, low: price, close: price, volume: 0, trades: 0, vwap: 0 }
}

function lastPrice(view: View, symbol: string, before: EpochMs): number | undefined {
  const [next] = view.tradesSince(symbol, before * 1000, 1)
  return view.newestTrades(symbol, 1, next ? Number(next.id) : undefined)[0]?.price
}

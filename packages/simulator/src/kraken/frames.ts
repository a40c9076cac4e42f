import type { EpochMs } from '@fullon/market'
import { isoMicroseconds, isoNanoseconds } from '../iso-time.js'
import type { MarketCandle, MarketTrade } from '../market.js'
import type { CandleTopic } from './topic.js'

// The frames of kraken's WebSocket v2, as text. Fields and their order are those of captured ones.

export const HEARTBEAT_FRAME = '{"channel":"heartbeat"}'

export function statusFrame(connectionId: number): string {
  const data = [{ version: '2.0.10', system: 'online', api_version: 'v2', connection_id: connectionId }]
  return JSON.stringify({ channel: 'status', type: 'update', data })
}

export function tradeFrame(type: 'snapshot' | 'update', symbol: string, trades: readonly MarketTrade[]): string {
  const data = trades.map(({ side, price, amount, id, timestampUs }) => ({
    symbol,
    side,
    price,
    qty: amount,
    ord_type: 'market',
    trade_id: Number(id),
    timestamp: isoMicroseconds(timestampUs),
  }))
  return JSON.stringify({ channel: 'trade', type, data })
}

export function ohlcFrame(
  type: 'snapshot' | 'update',
  { symbol, intervalMinutes }: CandleTopic,
  candles: readonly MarketCandle[],
  now: EpochMs,
): string {
  const data = candles.map(({ timestamp, open, high, low, close, trades, volume, vwap }) => ({
    symbol,
    open,
    high,
    low,
    close,
    trades,
    volume,
    vwap,
    interval_begin: isoNanoseconds(timestamp),
    interval: intervalMinutes,
    // Deprecated by kraken, and still there: where the interval ends.
    timestamp: isoMicroseconds((timestamp + intervalMinutes * 60_000) * 1000),
  }))
  return JSON.stringify({ channel: 'ohlc', type, timestamp: isoNanoseconds(now), data })
}

/** What a request is answered with: yes, or no where there is an `error`. */
export function replyFrame({
  method,
  requestId,
  now,
  error,
  symbol,
  result,
}: {
  method: unknown
  requestId: unknown
  now: EpochMs
  error?: string
  symbol?: string
  result?: object
}): string {
  const time = isoMicroseconds(now * 1000)
  const success = method === 'pong' ? undefined : error === undefined
  // What is undefined is not in the text.
  return JSON.stringify({ error, method, req_id: requestId, result, success, symbol, time_in: time, time_out: time })
}

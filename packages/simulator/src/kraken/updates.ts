import { type EpochMs, floorToTimeframe, type Span, timeframeMs } from '@fullon/market'
import type { History } from '../history.js'
import { ohlcFrame, tradeFrame } from './frames.js'
import type { Topic } from './topic.js'

/** As captured from the real one: the newest 50 trades, and of the newest 13 intervals those with a trade. */
const SNAPSHOT_TRADES = 50
const SNAPSHOT_INTERVALS = 13

/**
 * The frame that a subscription begins with: what was published before `until`. `undefined` when there is
 * nothing to show yet: kraken sends no empty frame, and ccxt would fail on one.
 */
export function snapshotFrame(history: History, topic: Topic, until: EpochMs): string | undefined {
  const view = history.at(until)
  if (topic.channel === 'trade') {
    const trades = view.newestTrades(topic.symbol, SNAPSHOT_TRADES)
    return trades.length > 0 ? tradeFrame('snapshot', topic.symbol, trades) : undefined
  }
  const { symbol, timeframe } = topic
  const since = floorToTimeframe(until, timeframe) - (SNAPSHOT_INTERVALS - 1) * timeframeMs(timeframe)
  const candles = view.candles(symbol, timeframe, { since, until })
  return candles.length > 0 ? ohlcFrame('snapshot', topic, candles, until) : undefined
}

/**
 * The trades of the span in one frame, as kraken does. Candles one a frame: each interval that a trade of
 * the span fell into, in order, so that a candle's last state is out before the first of the next.
 */
export function updateFrames(history: History, topic: Topic, span: Span): string[] {
  const trades = history.published(topic.symbol, span)
  if (trades.length === 0) return []
  if (topic.channel === 'trade') return [tradeFrame('update', topic.symbol, trades)]
  const { symbol, timeframe } = topic
  const touched = new Set(trades.map(({ timestamp }) => floorToTimeframe(timestamp, timeframe)))
  return history
    .at(span.until)
    .candles(symbol, timeframe, { since: Math.min(...touched), until: span.until })
    .filter(({ timestamp }) => touched.has(timestamp))
    .map((candle) => ohlcFrame('update', topic, [candle], span.until))
}

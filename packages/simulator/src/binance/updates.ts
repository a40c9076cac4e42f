import { type EpochMs, floorToTimeframe, type Span, type Timeframe, timeframeMs } from '@fullon/market'
import { fillCandles } from '../fill-candles.js'
import type { History } from '../history.js'
import type { MarketCandle, MarketTrade } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'
import { buildTicker } from '../ticker.js'
import type { View } from '../view.js'
import { toAggregate, tradeIdOf } from './agg-trade.js'
import type { BinancePair } from './pairs.js'
import type { Stream } from './streams.js'

// Fields and their order are those of the documentation's examples (binance spot, WebSocket streams).

/** The events of `stream` for what was published in `span`, as JSON. */
export function updateFrames(history: History, stream: Stream, span: Span): string[] {
  return listEvents(history, stream, span).map((event) => JSON.stringify(event))
}

function listEvents(history: History, stream: Stream, span: Span): object[] {
  const { pair } = stream
  const trades = history.published(pair.symbol, span)
  if (stream.kind === 'trade') return trades.map((trade) => tradeEvent(pair, trade, span.until))
  if (stream.kind === 'aggTrade')
    return trades.map((trade) => ({ e: 'aggTrade', E: span.until, s: pair.id, ...toAggregate(trade) }))
  const view = history.at(span.until)
  if (stream.kind !== 'kline') return trades.length > 0 ? tickerEvents(view, pair, stream.kind) : []
  const { timeframe } = stream
  const touched = new Set(trades.map(({ timestamp }) => floorToTimeframe(timestamp, timeframe)))
  return klineEvents(view, pair, timeframe, span, touched)
}

function tradeEvent({ id: s }: BinancePair, { id, price, amount, timestamp, side }: MarketTrade, now: EpochMs): object {
  return {
    e: 'trade',
    E: now,
    s,
    t: tradeIdOf(id),
    p: plainDecimal(price),
    q: plainDecimal(amount),
    T: timestamp,
    m: side === 'sell',
    M: true,
  }
}

/**
 * Each interval that ended in the span, closed (`x`), a quiet one too; and the forming one when it began or
 * traded in the span. A closed interval is never sent again, whatever is published of it later.
 */
function klineEvents(
  view: View,
  pair: BinancePair,
  timeframe: Timeframe,
  span: Span,
  touched: ReadonlySet<EpochMs>,
): object[] {
  const length = timeframeMs(timeframe)
  const first = floorToTimeframe(span.since, timeframe)
  return fillCandles(view, pair.symbol, timeframe, { since: first, until: span.until })
    .filter(({ timestamp }) => {
      const isClosed = timestamp + length <= span.until
      return isClosed || timestamp >= span.since || touched.has(timestamp)
    })
    .map((candle) => klineEvent(view, pair, timeframe, candle, candle.timestamp + length <= span.until))
}

function klineEvent(
  view: View,
  { id, symbol }: BinancePair,
  timeframe: Timeframe,
  candle: MarketCandle,
  isClosed: boolean,
): object {
  const { timestamp, volume, vwap, trades } = candle
  const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map(plainDecimal)
  const [first] = trades > 0 ? view.tradesSince(symbol, timestamp * 1000, 1) : []
  const firstId = first ? tradeIdOf(first.id) : -1
  const k = {
    t: timestamp,
    T: timestamp + timeframeMs(timeframe) - 1,
    s: id,
    i: timeframe,
    f: firstId,
    L: first ? firstId + trades - 1 : -1,
    o: open,
    c: close,
    h: high,
    l: low,
    v: plainDecimal(volume),
    n: trades,
    x: isClosed,
    q: (vwap * volume).toFixed(8),
    // What the takers bought is not kept.
    V: '0',
    Q: '0',
    B: '0',
  }
  return { e: 'kline', E: view.until, s: id, k }
}

function tickerEvents(view: View, { id, symbol }: BinancePair, kind: 'ticker' | 'miniTicker'): object[] {
  const ticker = buildTicker(view, symbol)
  if (!ticker) return []
  const [c, o, h, l] = [ticker.last.price, ticker.open, ticker.high, ticker.low].map(plainDecimal)
  const volumes = { v: ticker.volume.toFixed(8), q: ticker.quoteVolume.toFixed(8) }
  const common = { E: view.until, s: id, c, o, h, l, ...volumes }
  if (kind === 'miniTicker') return [{ e: '24hrMiniTicker', ...common }]
  // There is no order book: bid and ask are the last price.
  return [{ e: '24hrTicker', ...common, b: c, B: '0', a: c, A: '0', O: ticker.since, C: view.until, n: ticker.trades }]
}

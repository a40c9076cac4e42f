import type { EpochMs } from '@fullon/market'
import type { History } from '../history.js'
import { isoMicroseconds } from '../iso-time.js'
import type { MarketTrade } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'
import { buildTicker } from '../ticker.js'
import type { View } from '../view.js'
import type { CoinbaseProduct } from './products.js'
import { makerSide } from './trades.js'

// Fields and their order are those of captured frames.

export const CHANNELS = ['matches', 'ticker', 'heartbeat'] as const

export interface Channel {
  readonly name: (typeof CHANNELS)[number]
  readonly product: CoinbaseProduct
}

/** What a subscription begins with: the newest match, the ticker. */
export function greetFrames({ name, product }: Channel, view: View): string[] {
  const [newest] = view.newestTrades(product.symbol, 1)
  if (!newest || name === 'heartbeat') return []
  return name === 'matches' ? [matchFrame('last_match', product, newest)] : [tickerFrame(product, view)]
}

export function updateFrames(
  history: History,
  { name, product }: Channel,
  span: { since: EpochMs; until: EpochMs },
): string[] {
  const trades = history.published(product.symbol, span)
  if (trades.length === 0 || name === 'heartbeat') return []
  if (name === 'ticker') return [tickerFrame(product, history.at(span.until))]
  return trades.map((trade) => matchFrame('match', product, trade))
}

export function heartbeatFrame(product: CoinbaseProduct, view: View): string {
  const [newest] = view.newestTrades(product.symbol, 1)
  const id = Number(newest?.id ?? 0)
  const time = isoMicroseconds(view.until * 1000)
  return JSON.stringify({
    type: 'heartbeat',
    last_trade_id: id,
    product_id: product.id,
    sequence: toSequence(id),
    time,
  })
}

function matchFrame(type: 'match' | 'last_match', { id: productId }: CoinbaseProduct, trade: MarketTrade): string {
  const { id, side, price, amount, timestampUs } = trade
  return JSON.stringify({
    type,
    trade_id: Number(id),
    maker_order_id: orderId('1', id),
    taker_order_id: orderId('2', id),
    side: makerSide(side),
    size: plainDecimal(amount),
    price: plainDecimal(price),
    product_id: productId,
    sequence: toSequence(Number(id)),
    time: isoMicroseconds(timestampUs),
  })
}

function tickerFrame({ id, symbol }: CoinbaseProduct, view: View): string {
  const ticker = buildTicker(view, symbol)
  if (!ticker) throw new RangeError(`ticker: expected a trade of ${symbol}, got none`)
  const { last } = ticker
  const price = plainDecimal(last.price)
  return JSON.stringify({
    type: 'ticker',
    sequence: toSequence(Number(last.id)),
    product_id: id,
    price,
    open_24h: plainDecimal(ticker.open),
    volume_24h: ticker.volume.toFixed(8),
    low_24h: plainDecimal(ticker.low),
    high_24h: plainDecimal(ticker.high),
    volume_30d: ticker.volume.toFixed(8),
    // There is no order book.
    best_bid: price,
    best_ask: price,
    // The taker's, other than a match's.
    side: last.side,
    time: isoMicroseconds(last.timestampUs),
    trade_id: Number(last.id),
    last_size: plainDecimal(last.amount),
  })
}

/** Of the order book's messages a match is one in several. */
function toSequence(tradeId: number): number {
  return tradeId * 8
}

function orderId(kind: string, tradeId: string): string {
  return `${kind.repeat(8)}-0000-4000-8000-${tradeId.padStart(12, '0')}`
}

import type { MarketTrade } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'

// Binance numbers trades twice: each trade, and each aggregate of the trades that one order made at one price in
// one millisecond. Here every trade of the market is an aggregate of one. The market's ids are those of the
// aggregates, and the trades' ids lie this much higher, so that whoever mixes the two up will notice.
const TRADE_ID_OFFSET = 1_000_000_000

export function tradeIdOf(aggregateId: string): number {
  return Number(aggregateId) + TRADE_ID_OFFSET
}

/** A row of `aggTrades`. `m`: the buyer was the maker, so the taker sold. */
export function toAggregate({ id, price, amount, timestamp, side }: MarketTrade): object {
  const tradeId = tradeIdOf(id)
  return {
    a: Number(id),
    p: plainDecimal(price),
    q: plainDecimal(amount),
    f: tradeId,
    l: tradeId,
    T: timestamp,
    m: side === 'sell',
    M: true,
  }
}

/** A row of `trades`. */
export function toTrade({ id, price, amount, timestamp, side }: MarketTrade): object {
  return {
    id: tradeIdOf(id),
    price: plainDecimal(price),
    qty: plainDecimal(amount),
    quoteQty: (price * amount).toFixed(8),
    time: timestamp,
    isBuyerMaker: side === 'sell',
    isBestMatch: true,
  }
}

import { isoMicroseconds } from '../iso-time.js'
import type { MarketTrade } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'
import { type Answer, jsonAnswer } from '../protocol.js'
import { parseInteger, Refusal } from './refusal.js'
import type { ProductRequest } from './rest.js'

const MOST = 1000

/**
 * `trades`, newest first: the newest `limit` (usually and at most 1000), or the newest older than the id
 * `after`, or the newest newer than the id `before`. The headers `CB-BEFORE` and `CB-AFTER` have the ids of the
 * first and of the last row, to go on with (docs.cdp.coinbase.com, pagination).
 */
export function fetchTrades({ product, url, view }: ProductRequest): Answer {
  const query = url.searchParams
  const limit = parseInteger(query, 'limit') ?? MOST
  if (limit < 1 || limit > MOST) throw new Refusal('limit must be between 1 and 1000')
  const after = parseInteger(query, 'after')
  const before = parseInteger(query, 'before') ?? 0
  const trades = view
    .newestTrades(product.symbol, limit, after)
    .filter(({ id }) => Number(id) > before)
    .toReversed()
  const [newest, oldest] = [trades[0], trades.at(-1)]
  const headers = newest && oldest ? { 'CB-BEFORE': newest.id, 'CB-AFTER': oldest.id } : {}
  return jsonAnswer(trades.map(toRow), { headers })
}

function toRow({ id, side, price, amount, timestampUs }: MarketTrade): object {
  return {
    trade_id: Number(id),
    side: makerSide(side),
    size: plainDecimal(amount),
    price: plainDecimal(price),
    time: isoMicroseconds(timestampUs),
  }
}

/** Coinbase says what the maker did: `sell` is an up-tick, a taker who bought. */
export function makerSide(taker: 'buy' | 'sell'): 'buy' | 'sell' {
  return taker === 'buy' ? 'sell' : 'buy'
}

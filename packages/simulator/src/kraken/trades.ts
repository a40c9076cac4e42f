import type { MarketTrade } from '../market.js'
import { plainDecimal } from '../plain-decimal.js'
import { findPair, parseDecimal, Refusal } from './refusal.js'
import type { KrakenRequest } from './rest.js'

const MOST = 1000

/**
 * `Trades`: rows `[price, amount, time in seconds, b|s, m|l, misc, id]`, ascending: the first `count` later
 * than `since`, or the newest 1000 without it. `last` is the time of the last row in nanoseconds: the next `since`.
 */
export function fetchTrades({ pairs, url, view }: KrakenRequest): object {
  const query = url.searchParams
  const { id, symbol } = findPair(pairs, query)
  const count = parseDecimal(query, 'count') ?? MOST
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST)) throw new Refusal('EGeneral:Invalid arguments:count')
  const sinceUs = parseSince(query)
  const trades = sinceUs === undefined ? view.newestTrades(symbol, count) : view.tradesSince(symbol, sinceUs + 1, count)
  const newest = trades.at(-1)
  return { [id]: trades.map(toRow), last: newest ? `${newest.timestampUs}000` : (query.get('since') ?? '0') }
}

/** In whole microseconds, which is how fine our times are. Kraken takes seconds too, and ccxt sends them. */
function parseSince(query: URLSearchParams): number | undefined {
  const since = parseDecimal(query, 'since')
  if (since === undefined) return undefined
  // The nanoseconds of 2026 have 19 digits, its seconds 10. As text: a double has only 16 digits.
  const [whole = ''] = (query.get('since') ?? '').split('.')
  return since > 1e14 ? Number(whole.slice(0, -3)) : Math.round(since * 1e6)
}

function toRow({ price, amount, timestampUs, side, id }: MarketTrade): unknown[] {
  // A double still tells microseconds apart in 2026: they are 1e-6 s, its steps 2.4e-7 s.
  return [plainDecimal(price), plainDecimal(amount), timestampUs / 1e6, side === 'buy' ? 'b' : 's', 'm', '', Number(id)]
}

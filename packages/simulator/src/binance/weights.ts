import { type Answer, type Charge, jsonAnswer, type RequestRefusal } from '../protocol.js'
import type { RateLimit } from '../rate-limit.js'

/** `REQUEST_WEIGHT` of binance's own `exchangeInfo`, per IP. */
export const LIMIT: RateLimit = { windowMs: 60_000, most: 6000 }

/** Of binance's documentation, market data endpoints. ccxt 4.5.82 counts aggTrades as 2 and trades as 10. */
const WEIGHTS: Readonly<Record<string, number>> = {
  '/api/v3/exchangeInfo': 20,
  '/api/v3/klines': 2,
  '/api/v3/aggTrades': 4,
  '/api/v3/trades': 25,
  '/api/v3/ticker/24hr': 2,
}

export function charge({ pathname }: URL): Charge | undefined {
  if (!pathname.startsWith('/api/') && !pathname.startsWith('/sapi/')) return undefined
  return { endpoint: pathname, weight: WEIGHTS[pathname] ?? 1 }
}

export function weightPerMinute(limit: RateLimit): number {
  return 'windowMs' in limit ? Math.floor((limit.most * 60_000) / limit.windowMs) : Math.floor(limit.perSecond * 60)
}

/** 429, and 418 for who is banned, both with the seconds to wait. */
export function refuseRequest({ now, retryAt, isBanned }: RequestRefusal, limit: RateLimit): Answer {
  const headers = { 'Retry-After': String(Math.ceil((retryAt - now) / 1000)) }
  const advice = 'Please use WebSocket Streams for live updates to avoid'
  if (isBanned) {
    const msg = `Way too much request weight used; IP banned until ${retryAt}. ${advice} bans.`
    return jsonAnswer({ code: -1003, msg }, { status: 418, headers })
  }
  const most = `${weightPerMinute(limit)} request weight per 1 MINUTE`
  const msg = `Too much request weight used; current limit is ${most}. ${advice} polling the API.`
  return jsonAnswer({ code: -1003, msg }, { status: 429, headers })
}

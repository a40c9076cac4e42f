import { type Answer, jsonAnswer, type RestRequest } from '../protocol.js'
import type { RateLimit } from '../rate-limit.js'
import { fetchKlines } from './klines.js'
import { type BinancePair, describePair } from './pairs.js'
import { Refusal } from './refusal.js'
import { fetchTicker } from './ticker.js'
import { fetchAggTrades, fetchRecentTrades } from './trades.js'
import { weightPerMinute } from './weights.js'

export interface BinanceRequest extends RestRequest {
  readonly pairs: readonly BinancePair[]
  readonly limit: RateLimit
}

const ENDPOINTS: Readonly<Record<string, (request: BinanceRequest) => unknown>> = {
  '/api/v3/ping': () => ({}),
  '/api/v3/time': ({ now }) => ({ serverTime: now }),
  '/api/v3/exchangeInfo': fetchExchangeInfo,
  '/api/v3/klines': fetchKlines,
  '/api/v3/aggTrades': fetchAggTrades,
  '/api/v3/trades': fetchRecentTrades,
  '/api/v3/ticker/24hr': fetchTicker,
  '/sapi/v1/system/status': () => ({ status: 0, msg: 'normal' }),
}

export function answerRest(request: BinanceRequest): Answer {
  const endpoint = ENDPOINTS[request.url.pathname]
  if (!endpoint) return { status: 404, contentType: 'text/html', body: '<html><body>404 Not found</body></html>' }
  try {
    return jsonAnswer(endpoint(request))
  } catch (error) {
    if (error instanceof Refusal) return jsonAnswer({ code: error.code, msg: error.message }, { status: error.status })
    throw error
  }
}

function fetchExchangeInfo({ pairs, now, view, limit }: BinanceRequest): object {
  const rateLimits = [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute(limit) },
  ]
  const symbols = pairs.map((pair) => describePair(pair, view.isListed(pair.symbol) ? 'TRADING' : 'BREAK'))
  return { timezone: 'UTC', serverTime: now, rateLimits, exchangeFilters: [], symbols }
}

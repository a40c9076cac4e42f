import { type Answer, jsonAnswer, type RestRequest } from '../protocol.js'
import type { KrakenPair } from './names.js'
import { fetchOhlc } from './ohlc.js'
import { describeAssets, describePairs } from './products.js'
import { Refusal } from './refusal.js'
import { fetchTrades } from './trades.js'

export interface KrakenRequest extends RestRequest {
  readonly pairs: readonly KrakenPair[]
}

const ENDPOINTS: Readonly<Record<string, (request: KrakenRequest) => unknown>> = {
  '/0/public/Time': ({ now }) => ({ unixtime: Math.floor(now / 1000), rfc1123: new Date(now).toUTCString() }),
  '/0/public/SystemStatus': ({ now }) => ({
    status: 'online',
    timestamp: `${new Date(now).toISOString().slice(0, 19)}Z`,
  }),
  '/0/public/Assets': ({ pairs }) => describeAssets(pairs),
  '/0/public/AssetPairs': ({ pairs }) => describePairs(pairs),
  '/0/public/OHLC': fetchOhlc,
  '/0/public/Trades': fetchTrades,
}

/** Kraken answers 200 whether it refuses or not; what it refuses has `error` and no `result`. */
export function answerRest(request: KrakenRequest): Answer {
  return jsonAnswer(settle(request))
}

function settle(request: KrakenRequest): object {
  try {
    const endpoint = ENDPOINTS[request.url.pathname]
    if (!endpoint) throw new Refusal('EGeneral:Unknown method')
    return { error: [], result: endpoint(request) }
  } catch (error) {
    if (error instanceof Refusal) return { error: [error.message] }
    throw error
  }
}

import { Feed } from '../feed.js'
import type { Protocol } from '../protocol.js'
import type { ProtocolOptions } from '../protocols.js'
import { listPairs } from './pairs.js'
import { answerRest } from './rest.js'
import { BinanceSession } from './session.js'
import { type Stream, toStream } from './streams.js'
import { updateFrames } from './updates.js'
import { charge, LIMIT, refuseRequest } from './weights.js'

/**
 * Binance spot: REST under `/api/v3` and `/sapi/v1/system/status`, streams at `/ws` and `/stream`, both also
 * below `/stream` because ccxt tells spot from futures by that word in the address.
 *
 * @throws RangeError when the market has a symbol that is not spot.
 */
export function createBinance({ history, publisher, refuses, limit = LIMIT }: ProtocolOptions): Protocol {
  const pairs = listPairs(history)
  const feed = new Feed<Stream>({
    publisher,
    toKey: ({ name }) => name,
    updates: (stream, span) => updateFrames(history, stream, span),
  })
  return {
    exchange: 'binance',
    limit,
    isBanning: true,
    charge,
    usageHeaders: (used) => ({ 'X-MBX-USED-WEIGHT': String(used), 'X-MBX-USED-WEIGHT-1M': String(used) }),
    refuseRequest: (refusal) => refuseRequest(refusal, limit),
    answer: (request) => answerRest({ ...request, pairs, limit }),
    connect(url, connection) {
      const [, first, second, third] = url.pathname.split('/')
      if (first !== 'ws' && first !== 'stream') return undefined
      const isCombined = first === 'stream' && second !== 'ws'
      const session = new BinanceSession({
        connection,
        isCombined,
        feed,
        refuses,
        parse: (name) => toStream(pairs, name),
      })
      // A stream can be named in the address: /ws/btcusdt@trade, /stream?streams=btcusdt@trade/ethusdt@trade.
      const named = first === 'ws' ? second : third
      const names = isCombined ? (url.searchParams.get('streams') ?? '').split('/') : [named ?? '']
      session.open(names)
      return session
    },
    publish: (span) => feed.publish(span),
    // Binance has no heartbeat but WebSocket pings, one every 20 seconds: nothing that a stream's reader sees.
    heartbeat() {},
    // Binance has none: its streams begin with what comes next.
    repeatSnapshots() {},
    ccxtOptions: (address) => describeOptions(address),
  }
}

/** Every address of ccxt's is replaced, so that none leads out; only those of spot are answered. */
function describeOptions(address: string): Readonly<Record<string, unknown>> {
  const rest = `http://${address}`
  const socket = `ws://${address}/stream/ws`
  const versions = (name: string): Record<string, string> =>
    Object.fromEntries(['', 'V2', 'V3', 'V4'].map((version) => [name + version, `${rest}/nowhere/${name}`]))
  const nowhere = [
    'sapi',
    'dapiPublic',
    'dapiPrivate',
    'eapiPublic',
    'eapiPrivate',
    'fapiPublic',
    'fapiPrivate',
    'papi',
  ]
  const api = {
    ...Object.assign({}, ...nowhere.map(versions)),
    dapiData: `${rest}/nowhere/dapiData`,
    fapiData: `${rest}/nowhere/fapiData`,
    sapi: `${rest}/sapi/v1`,
    public: `${rest}/api/v3`,
    private: `${rest}/api/v3`,
    v1: `${rest}/api/v1`,
  }
  const sockets = ['spot', 'margin', 'future', 'delivery', 'stock', 'option', 'optionMarket', 'optionPrivate', 'papi']
  const ws = {
    ...Object.fromEntries(sockets.map((name) => [name, name === 'spot' ? socket : `ws://${address}/nowhere`])),
    'ws-api': {
      spot: `ws://${address}/nowhere`,
      future: `ws://${address}/nowhere`,
      delivery: `ws://${address}/nowhere`,
    },
  }
  return { urls: { api: { ...api, ws } }, options: { fetchMarkets: { types: ['spot'] } } }
}

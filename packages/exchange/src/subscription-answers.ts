import { type Fields, fields, list } from './wire.js'

/** What an exchange says to a subscription. */
export type SubscriptionAnswer = 'accepted' | { readonly refusal: string }

/**
 * docs.kraken.com/api/docs/websocket-v2/trade
 *
 *     {"method":"subscribe","req_id":1,"result":{"channel":"trade","symbol":"BTC/USD",…},"success":true,…}
 *     {"error":"Currency pair not supported X","method":"subscribe","req_id":1,"success":false,"symbol":"X",…}
 */
export function readKrakenAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { method, success, error, req_id: id } = fields(message)
  if (method !== 'subscribe' || id !== fields(request).req_id) return undefined
  return success === true ? 'accepted' : { refusal: String(error) }
}

/**
 * developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#live-subscribingunsubscribing-to-streams
 *
 *     {"result":null,"id":1}
 *     {"error":{"code":2,"msg":"Invalid request: …"},"id":1}
 */
export function readBinanceAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { id, error, result } = fields(message)
  if (id === undefined || String(id) !== String(fields(request).id)) return undefined
  if (error !== undefined) return { refusal: String(fields(error).msg) }
  return result === null ? 'accepted' : undefined
}

const PRODUCT = /[A-Z0-9]+-[A-Z0-9]+/

/**
 * docs.cdp.coinbase.com/exchange/docs/websocket-overview
 *
 *     {"type":"subscriptions","channels":[{"name":"matches","product_ids":["BTC-USD"]}]}
 *     {"type":"error","message":"Failed to subscribe","reason":"X-USD is not a valid product"}
 */
export function readCoinbaseAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { type, channels, reason, message: what } = fields(message)
  const [channel] = list(fields(request).channels)
  const [product] = list(fields(request).product_ids)
  // One that names no product is meant for whoever waits.
  if (type === 'error' && what === 'Failed to subscribe')
    return mentions(reason, product) || !PRODUCT.test(String(reason)) ? { refusal: `${what}: ${reason}` } : undefined
  if (type !== 'subscriptions') return undefined
  const stands = list(channels).some(
    (entry) => fields(entry).name === channel && list(fields(entry).product_ids).includes(product),
  )
  return stands ? 'accepted' : undefined
}

/**
 * okx.com/docs-v5/en/#overview-websocket-subscribe
 *
 *     {"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"…"}
 *     {"event":"error","code":"60018","msg":"Wrong URL or channel:trades,instId:X-USDT doesn't exist. …","connId":"…"}
 */
export function readOkxAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { event, arg, msg } = fields(message)
  const { channel, instId } = fields(list(fields(request).args)[0])
  if (event === 'subscribe') return isSame(fields(arg), { channel, instId }) ? 'accepted' : undefined
  if (event !== 'error') return undefined
  return mentions(msg, channel) && mentions(msg, instId) ? { refusal: String(msg) } : undefined
}

/**
 * bybit-exchange.github.io/docs/v5/ws/connect#how-to-subscribe-to-topics
 *
 *     {"success":true,"ret_msg":"subscribe","conn_id":"…","req_id":"1","op":"subscribe"}
 *     {"success":false,"ret_msg":"error:handler not found,topic:kline.1.X","conn_id":"…","req_id":"1","op":"subscribe"}
 */
export function readBybitAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { op, success, ret_msg: text, req_id: id } = fields(message)
  if (op !== 'subscribe' || id === undefined || String(id) !== String(fields(request).req_id)) return undefined
  return success === true ? 'accepted' : { refusal: String(text) }
}

/**
 * www.bitmex.com/app/wsAPI
 *
 *     {"success":true,"subscribe":"trade:XBTUSD","request":{"op":"subscribe","args":["trade:XBTUSD"]}}
 *     {"status":400,"error":"Unknown or expired symbol.","meta":{},"request":{"op":"subscribe","args":["trade:X"]}}
 */
export function readBitmexAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { success, error, request: asked } = fields(message)
  const [topic] = list(fields(request).args)
  if (topic === undefined || list(fields(asked).args)[0] !== topic) return undefined
  if (error !== undefined) return { refusal: String(error) }
  return success === true ? 'accepted' : undefined
}

/**
 * hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
 *
 *     {"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"trades","coin":"SOL"}}}
 *     {"channel":"error","data":"Invalid subscription {\"type\":\"trades\",\"coin\":\"X\"}"}
 */
export function readHyperliquidAnswer(message: unknown, request: unknown): SubscriptionAnswer | undefined {
  const { channel, data } = fields(message)
  const { type, coin, interval } = fields(fields(request).subscription)
  if (channel === 'error') {
    const mine = mentions(data, type) && mentions(data, coin)
    return mine ? { refusal: String(data) } : undefined
  }
  if (channel !== 'subscriptionResponse' || fields(data).method !== 'subscribe') return undefined
  return isSame(fields(fields(data).subscription), { type, coin, interval }) ? 'accepted' : undefined
}

function isSame(actual: Fields, expected: Fields): boolean {
  return Object.entries(expected).every(([name, value]) => actual[name] === value)
}

/** As a whole word: BTC-USD is not in "WBTC-USD is not a valid product". */
function mentions(text: unknown, word: unknown): boolean {
  return typeof text === 'string' && typeof word === 'string' && text.split(/[^\w@/-]+/).includes(word)
}

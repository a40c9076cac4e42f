import { isoMicroseconds } from '../iso-time.js'
import { plainDecimal } from '../plain-decimal.js'
import { type Answer, type Charge, jsonAnswer, type RestRequest } from '../protocol.js'
import { buildTicker } from '../ticker.js'
import { fetchCandles } from './candles.js'
import { type CoinbaseProduct, describeCurrencies, describeProduct } from './products.js'
import { findProduct, Refusal } from './refusal.js'
import { fetchTrades } from './trades.js'

interface CoinbaseRequest extends RestRequest {
  readonly products: readonly CoinbaseProduct[]
}

export interface ProductRequest extends RestRequest {
  readonly product: CoinbaseProduct
}

const ROOTS = new Set(['products', 'currencies', 'time'])

/** Every request costs the same. `undefined` when the path is not coinbase's. */
export function charge({ pathname }: URL): Charge | undefined {
  const [, root = '', id, ...rest] = pathname.split('/')
  if (!ROOTS.has(root)) return undefined
  return { endpoint: ['', root, ...(id ? ['{id}'] : []), ...rest].join('/'), weight: 1 }
}

export function answerRest(request: CoinbaseRequest): Answer {
  const [, root = '', ...rest] = request.url.pathname.split('/')
  try {
    return route(request, root, rest)
  } catch (error) {
    if (error instanceof Refusal) return jsonAnswer({ message: error.message }, { status: error.status })
    throw error
  }
}

function route(request: CoinbaseRequest, root: string, [id, resource]: readonly string[]): Answer {
  const { products, now, view } = request
  const describe = (product: CoinbaseProduct) => describeProduct(product, view.isListed(product.symbol))
  if (root === 'time') return jsonAnswer({ iso: new Date(now).toISOString(), epoch: now / 1000 })
  if (root === 'currencies') return jsonAnswer(describeCurrencies(products))
  if (id === undefined) return jsonAnswer(products.map(describe))
  const product = findProduct(products, decodeURIComponent(id))
  if (resource === undefined) return jsonAnswer(describe(product))
  if (resource === 'candles') return jsonAnswer(fetchCandles({ ...request, product }))
  if (resource === 'trades') return fetchTrades({ ...request, product })
  if (resource === 'ticker') return jsonAnswer(fetchTicker({ ...request, product }))
  throw new Refusal('NotFound', 404)
}

/** There is no order book: bid and ask are the last price. */
function fetchTicker({ product, view }: ProductRequest): object {
  const ticker = buildTicker(view, product.symbol)
  if (!ticker) throw new Refusal('NotFound', 404)
  const price = plainDecimal(ticker.last.price)
  return {
    trade_id: Number(ticker.last.id),
    price,
    size: plainDecimal(ticker.last.amount),
    time: isoMicroseconds(ticker.last.timestampUs),
    bid: price,
    ask: price,
    volume: ticker.volume.toFixed(8),
  }
}

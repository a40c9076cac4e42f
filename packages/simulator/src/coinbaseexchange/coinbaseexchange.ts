import { Feed } from '../feed.js'
import { jsonAnswer, type Protocol } from '../protocol.js'
import type { ProtocolOptions } from '../protocols.js'
import type { RateLimit } from '../rate-limit.js'
import { Sessions } from '../sessions.js'
import { type Channel, greetFrames, heartbeatFrame, updateFrames } from './channels.js'
import { type CoinbaseProduct, listProducts } from './products.js'
import { answerRest, charge } from './rest.js'
import { CoinbaseSession, toKey } from './session.js'

/** "10 requests per second per IP, up to 15 in bursts" (docs.cdp.coinbase.com, REST rate limits, public endpoints). */
const LIMIT: RateLimit = { perSecond: 10, burst: 15 }

/**
 * Coinbase Exchange: REST under `/products`, `/currencies` and `/time`, WebSocket feed at `/`.
 *
 * @throws RangeError when the market has a symbol that is not spot.
 */
export function createCoinbaseExchange(options: ProtocolOptions): Protocol {
  const { history, publisher, clock, refuses, limit = LIMIT } = options
  const products = listProducts(history)
  const feed = new Feed<Channel>({
    publisher,
    toKey,
    updates: (channel, span) => updateFrames(history, channel, span),
  })
  const isListed = ({ symbol }: CoinbaseProduct) => history.at(clock.now()).isListed(symbol)
  const sessions = new Sessions()
  return {
    exchange: 'coinbaseexchange',
    limit,
    isBanning: false,
    charge,
    usageHeaders: () => ({}),
    refuseRequest: () => jsonAnswer({ message: 'Public rate limit exceeded' }, { status: 429 }),
    answer: (request) => answerRest({ ...request, products }),
    connect({ pathname }, connection) {
      if (pathname !== '/') return undefined
      const session = new CoinbaseSession({
        connection,
        feed,
        greet: (channel) => greetFrames(channel, history.at(publisher.until())),
        heartbeat: (product) => heartbeatFrame(product, history.at(clock.now())),
        refuses,
        clock,
        products: () => products.filter(isListed),
      })
      return sessions.open(session)
    },
    publish: (span) => feed.publish(span),
    heartbeat: () => sessions.heartbeat(),
    repeatSnapshots: () => sessions.repeatSnapshots(),
    ccxtOptions: describeOptions,
  }
}

function describeOptions(address: string): Readonly<Record<string, unknown>> {
  return { urls: { api: { public: `http://${address}`, private: `http://${address}`, ws: `ws://${address}/` } } }
}

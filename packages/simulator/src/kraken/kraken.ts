import { Feed } from '../feed.js'
import { jsonAnswer, type Protocol } from '../protocol.js'
import type { ProtocolOptions } from '../protocols.js'
import type { RateLimit } from '../rate-limit.js'
import { Sessions } from '../sessions.js'
import { statusFrame } from './frames.js'
import { listPairs } from './names.js'
import { answerRest } from './rest.js'
import { KrakenSession } from './session.js'
import { type Topic, topicKey } from './topic.js'
import { snapshotFrame, updateFrames } from './updates.js'

/**
 * "Calling the public endpoints at a frequency of 1 per second (or less) would remain within the rate limits"
 * (support.kraken.com, API rate limits). How much may come at once it does not say: 5 is an assumption.
 */
const LIMIT: RateLimit = { perSecond: 1, burst: 5 }

/**
 * Kraken spot: REST under `/0/public`, WebSocket v2 at `/v2`.
 *
 * @throws RangeError when the market has a symbol that is not spot.
 */
export function createKraken({ history, clock, publisher, refuses, limit = LIMIT }: ProtocolOptions): Protocol {
  const pairs = listPairs(history)
  const isListed = (symbol: string) => history.symbols.includes(symbol) && history.at(clock.now()).isListed(symbol)
  const feed = new Feed<Topic>({
    publisher,
    toKey: topicKey,
    updates: (topic, span) => updateFrames(history, topic, span),
  })
  const snapshot = (topic: Topic) => snapshotFrame(history, topic, publisher.until())
  const sessions = new Sessions()
  let connectionId = 0
  return {
    exchange: 'kraken',
    limit,
    isBanning: false,
    charge: ({ pathname }) => (pathname.startsWith('/0/') ? { endpoint: pathname, weight: 1 } : undefined),
    usageHeaders: () => ({}),
    refuseRequest: () => jsonAnswer({ error: ['EAPI:Rate limit exceeded'] }),
    answer(request) {
      const listed = pairs.filter(({ symbol }) => request.view.isListed(symbol))
      return answerRest({ ...request, pairs: listed })
    },
    connect({ pathname }, connection) {
      if (pathname !== '/v2') return undefined
      connection.send(statusFrame(++connectionId))
      return sessions.open(new KrakenSession({ connection, feed, snapshot, isListed, refuses, clock }))
    },
    publish: (span) => feed.publish(span),
    heartbeat: () => sessions.heartbeat(),
    repeatSnapshots: () => sessions.repeatSnapshots(),
    ccxtOptions: describeOptions,
  }
}

/** All of ccxt's addresses are replaced, so that none leads out. */
function describeOptions(address: string): Readonly<Record<string, unknown>> {
  const rest = `http://${address}`
  // ccxt knows v2 by the text "v2" in the address.
  const socket = `ws://${address}/v2`
  const ws = { public: socket, publicV2: socket, private: socket, privateV2: socket }
  return { urls: { api: { public: rest, private: rest, zendesk: rest, ws } } }
}

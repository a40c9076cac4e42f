import type { Clock } from '@fullon/market'
import { createBinance } from './binance/binance.js'
import { createCoinbaseExchange } from './coinbaseexchange/coinbaseexchange.js'
import type { History } from './history.js'
import { createKraken } from './kraken/kraken.js'
import type { Protocol } from './protocol.js'
import type { Publisher } from './publisher.js'
import type { RateLimit } from './rate-limit.js'

/** ccxt ids of the exchanges whose protocol is spoken. */
export type ProtocolName = 'kraken' | 'binance' | 'coinbaseexchange'

export interface ProtocolOptions {
  readonly history: History
  /** The exchange's. */
  readonly clock: Clock
  readonly publisher: Publisher
  /** What a client may ask; the exchange's own limit where it is absent. */
  readonly limit?: RateLimit | undefined
  /** Whether a subscription is refused now, whatever it is. */
  readonly refuses: () => boolean
}

const PROTOCOLS: Readonly<Record<ProtocolName, (options: ProtocolOptions) => Protocol>> = {
  kraken: createKraken,
  binance: createBinance,
  coinbaseexchange: createCoinbaseExchange,
}

export const PROTOCOL_NAMES = Object.keys(PROTOCOLS) as readonly ProtocolName[] // cast: the keys of a literal

/** @throws RangeError for a name that is none, and when a symbol of the market cannot exist on the exchange. */
export function createProtocol(name: ProtocolName, options: ProtocolOptions): Protocol {
  if (!Object.hasOwn(PROTOCOLS, name))
    throw new RangeError(`protocol: expected one of ${PROTOCOL_NAMES.join(' ')}, got ${JSON.stringify(name)}`)
  return PROTOCOLS[name](options)
}

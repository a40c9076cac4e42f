import { streamQuirksOf } from './stream-quirks.js'
import { fields } from './wire.js'

/**
 * ccxt's constructor options for its sockets. Its keep-alive asks every four seconds and gives up when six have passed
 * without an answer, so a half-open socket is noticed within eight (twelve where it never brought anything);
 * binance's own setting takes minutes. Real time: the exchange answers in it.
 */
export function streamingOptions(exchange: string, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options = fields(given.options)
  const ws = fields(options.ws)
  return {
    streaming: { keepAlive: 4_000, maxPingPongMisses: 1.5, ...fields(given.streaming) },
    options: {
      ...streamQuirksOf(exchange).ccxtOptions,
      ...options,
      ws: { ...ws, backoff: { base: 0 } }, // the dialer decides when to dial again
    },
  }
}

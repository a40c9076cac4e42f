import { streamQuirksOf } from './stream-quirks.js'
import { fields } from './wire.js'

/**
 * ccxt's constructor options for its sockets. Its keep-alive asks every three seconds and gives up after one and a
 * half without an answer, so a half-open socket is noticed within six (nine where it never answered at all);
 * binance's own setting takes minutes. Real time: the exchange answers in it.
 */
export function streamingOptions(exchange: string, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options = fields(given.options)
  const ws = fields(options.ws)
  return {
    streaming: { keepAlive: 3_000, maxPingPongMisses: 1.5, ...fields(given.streaming) },
    options: {
      ...streamQuirksOf(exchange).ccxtOptions,
      ...options,
      ws: { ...ws, backoff: { base: 0 } }, // the dialer decides when to dial again
    },
  }
}

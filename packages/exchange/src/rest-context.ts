import type { Clock } from '@fullon/market'
import type { CcxtExchange } from './load-ccxt.js'
import { Markets } from './markets.js'
import type { QueuedRequest, RequestQueue } from './request-queue.js'
import { RestCalls } from './rest-calls.js'
import { type RestQuirks, restQuirksOf } from './rest-quirks.js'
import type { ServerClock } from './server-clock.js'

/** Told of each row that was not believed, as it came. */
export type RefusalListener = (subject: string, raw: unknown, reason: string) => void

/** What reading candles and reading trades share. */
export interface RestContext {
  readonly ccxt: CcxtExchange
  readonly calls: RestCalls
  readonly markets: Markets
  readonly server: ServerClock
  readonly quirks: RestQuirks
  readonly onRefused: RefusalListener
}

export type RestRequest = Pick<QueuedRequest, 'priority' | 'signal'>

export interface RestContextOptions {
  readonly ccxt: CcxtExchange
  readonly queue: RequestQueue
  readonly clock: Clock
  readonly server: ServerClock
  readonly onRefused: RefusalListener
  /** Ends what nobody in particular asked for. */
  readonly closing: AbortSignal
}

export function createRestContext(options: RestContextOptions): RestContext {
  const { ccxt, queue, clock, server, onRefused, closing } = options
  const quirks = restQuirksOf(ccxt.id)
  const calls = new RestCalls({ ccxt, queue, server, costOf: quirks.costOf })
  // `true` because ccxt caches a failed first load for ever.
  const request = { subject: `${ccxt.id} markets`, priority: 'urgent', signal: closing } as const
  const load = () => calls.run(request, () => ccxt.loadMarkets(true))
  return { ccxt, calls, markets: new Markets({ ccxt, clock, load }), server, quirks, onRefused }
}

import { type Clock, systemClock } from '@fullon/market'
import { ExchangeError } from './errors.js'
import { ExchangeHandler } from './handler.js'
import { makeLean } from './lean-ccxt.js'
import { type CcxtExchange, loadExchangeClass } from './load-ccxt.js'
import { RequestQueue } from './request-queue.js'
import type { RefusalListener } from './rest-context.js'
import { budgetOfRate, restQuirksOf } from './rest-quirks.js'
import { streamingOptions } from './streaming-options.js'

export interface ExchangeQueueOptions {
  /** Handed to ccxt's constructor, by exchange id: endpoints, proxies, agents; a `rateLimit` in milliseconds replaces the budget. */
  readonly ccxtOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Uniform in [0, 1), for jitter. Default `Math.random`. */
  readonly random?: () => number
  /** The part of every exchange's budget that this process may use: above 0, at most 1. Default 1. */
  readonly share?: number
  /** Told of each row or frame that was not believed, as it came. */
  readonly onRefused?: RefusalListener
}

/** One handler an exchange and account; all requests of one exchange share its budget. */
export class ExchangeQueue {
  readonly #ccxtOptions: NonNullable<ExchangeQueueOptions['ccxtOptions']>
  readonly #clock: Clock
  readonly #random: () => number
  readonly #onRefused: RefusalListener | undefined
  readonly #handlers = new Map<string, Promise<ExchangeHandler>>()
  /** Those that have opened. */
  readonly #open = new Set<ExchangeHandler>()
  readonly #queues = new Map<string, RequestQueue>()
  #share: number
  #closed = false

  constructor(options: ExchangeQueueOptions = {}) {
    const { ccxtOptions = {}, clock = systemClock, random = Math.random, share = 1, onRefused } = options
    this.#ccxtOptions = ccxtOptions
    this.#clock = clock
    this.#random = random
    this.#onRefused = onRefused
    this.#share = checkShare(share)
  }

  /** Processes that send from one address divide its budget among them; from now on this one uses `share`. */
  setShare(share: number): void {
    this.#share = checkShare(share)
    for (const queue of this.#queues.values()) queue.setShare(share)
  }

  /**
   * @param exchange ccxt id, such as `kraken`
   * @param account tells apart handlers that must not share an instance; market data needs no keys
   * @throws ExchangeError `EXCHANGE_UNKNOWN`, `CLOSED`; `UNSUPPORTED` for a sandbox that the exchange does not have
   */
  getHandler(exchange: string, account = 'default', { sandbox = false } = {}): Promise<ExchangeHandler> {
    if (this.#closed) return Promise.reject(closedError())
    const key = JSON.stringify([exchange, account, sandbox])
    const existing = this.#handlers.get(key)
    if (existing) return existing
    const opening = this.#make(exchange, sandbox)
    this.#handlers.set(key, opening)
    opening.then(
      (handler) => this.#open.add(handler),
      () => {
        // Closed meanwhile and asked for again, the one that stands there is another.
        if (this.#handlers.get(key) === opening) this.#handlers.delete(key)
      },
    )
    return opening
  }

  /** What the open handlers count, for metrics; the counts of an exchange's queue are those of all its handlers. */
  reports(): { readonly exchange: string; readonly counts: Readonly<Record<string, number>> }[] {
    const toReport = ({ exchange, counts, streamCounts }: ExchangeHandler) => ({
      exchange,
      counts: { ...counts, ...streamCounts, rowsRefused: counts.rowsRefused + streamCounts.rowsRefused },
    })
    return Array.from(this.#open, toReport)
  }

  /** Closes one handler with its sockets; asked for again, there is a new one. */
  async closeHandler(exchange: string, account = 'default', { sandbox = false } = {}): Promise<void> {
    const key = JSON.stringify([exchange, account, sandbox])
    const handler = this.#handlers.get(key)
    this.#handlers.delete(key)
    const opened = await handler?.catch(() => undefined) // one that failed to open has nothing to close
    if (opened) this.#open.delete(opened)
    await opened?.close()
  }

  /** Closes every handler. */
  async close(): Promise<void> {
    this.#closed = true
    const handlers = await Promise.allSettled(this.#handlers.values())
    this.#handlers.clear()
    await Promise.all(handlers.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)))
    for (const queue of this.#queues.values()) queue.close(closedError())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #make(exchange: string, sandbox: boolean): Promise<ExchangeHandler> {
    const Exchange = await loadExchangeClass(exchange)
    const given = this.#ccxtOptions[exchange] ?? {}
    const ccxt = new Exchange({
      ...given,
      enableRateLimit: false, // the request queue in front is the only throttle: ccxt's knows no priorities
      ...streamingOptions(exchange, given),
    })
    makeLean(ccxt)
    if (sandbox) enterSandbox(ccxt)
    await ccxt.loadHttpProxyAgent?.() // ccxt needs it before a plain ws:// endpoint
    const queue = this.#queueOf(ccxt, sandbox, given.rateLimit !== undefined)
    return new ExchangeHandler(ccxt, { clock: this.#clock, random: this.#random, queue, onRefused: this.#onRefused })
  }

  /** A sandbox is another host with a budget of its own. */
  #queueOf(ccxt: CcxtExchange, sandbox: boolean, hasOwnRate: boolean): RequestQueue {
    const key = JSON.stringify([ccxt.id, sandbox])
    const existing = this.#queues.get(key)
    if (existing) return existing
    const declared = hasOwnRate ? undefined : restQuirksOf(ccxt.id).budget
    const budget = declared ?? budgetOfRate(ccxt.rateLimit)
    const queue = new RequestQueue({ exchange: ccxt.id, clock: this.#clock, random: this.#random, budget })
    queue.setShare(this.#share)
    this.#queues.set(key, queue)
    return queue
  }
}

/** On exchanges without a sandbox ccxt's `setSandboxMode` succeeds and leaves no endpoint behind. */
function enterSandbox(ccxt: CcxtExchange): void {
  if (ccxt.urls?.test) ccxt.setSandboxMode(true)
  if (!ccxt.urls?.test || !ccxt.urls.api) throw new ExchangeError('UNSUPPORTED', `${ccxt.id}: has no sandbox`)
}

function closedError(): ExchangeError {
  return new ExchangeError('CLOSED', 'exchange queue: closed')
}

function checkShare(share: number): number {
  if (share > 0 && share <= 1) return share
  throw new RangeError(`share: expected a number above 0 and at most 1, got ${share}`)
}

import { AsyncLocalStorage } from 'node:async_hooks'
import type { EpochMs } from '@fullon/market'
import { endWithBody } from './end-with-body.js'
import { ExchangeError, translateError } from './errors.js'
import type { CcxtExchange } from './load-ccxt.js'
import { secretsOf } from './redact.js'
import type { QueuedRequest, RequestQueue } from './request-queue.js'
import type { RestQuirks } from './rest-quirks.js'
import type { ServerClock } from './server-clock.js'
import { timedOut } from './with-deadline.js'

/** What came back on the wire for one request. */
export interface Answer {
  status?: number
  /** Names in lower case. */
  headers?: Readonly<Record<string, string>>
  /** The parsed body; undefined when it was not JSON. */
  json?: unknown
  /** The exchange's time when it answered. */
  serverTime?: EpochMs
}

export interface CallOptions extends Omit<QueuedRequest, 'cost'> {
  /** For messages, such as `kraken BTC/USD 1m`. */
  readonly subject: string
}

export interface CallResult<T> {
  readonly value: T
  /** The body of the call's last request. */
  readonly json: unknown
  /** The exchange's time when it answered. */
  readonly serverTime: EpochMs
}

interface Call {
  readonly options: CallOptions
  last: Answer
}

export interface RestCallsOptions {
  readonly ccxt: CcxtExchange
  readonly queue: RequestQueue
  readonly server: ServerClock
  /** Where an exchange weighs a request otherwise than ccxt says. */
  readonly costOf?: RestQuirks['costOf'] | undefined
}

/**
 * Calls of one ccxt instance. Each HTTP request that a call makes passes the queue by itself, at its own cost, and is
 * tried again by itself: `loadMarkets` alone can be a dozen. Which answer belongs to which call is told by the async
 * context; ccxt keeps only the last answer of the whole instance.
 */
export class RestCalls {
  readonly #ccxt: CcxtExchange
  readonly #queue: RequestQueue
  readonly #server: ServerClock
  readonly #secrets: readonly string[]
  readonly #calls = new AsyncLocalStorage<Call>()
  readonly #answers = new AsyncLocalStorage<Answer>()

  constructor({ ccxt, queue, server, costOf }: RestCallsOptions) {
    this.#ccxt = ccxt
    this.#queue = queue
    this.#server = server
    this.#secrets = secretsOf(ccxt)
    endWithBody(ccxt)
    const fetch2 = ccxt.fetch2.bind(ccxt)
    ccxt.fetch2 = (path, api, method = 'GET', params = {}, headers, body, config = {}) => {
      const cost = ccxt.calculateRateLimiterCost(api, method, path, params, config)
      return this.#send(costOf?.(cost, path, params) ?? cost, () =>
        fetch2(path, api, method, params, headers, body, config),
      )
    }
    const handleErrors = ccxt.handleErrors.bind(ccxt)
    // ccxt calls this for every answer, with (code, reason, url, method, headers, body, json, …).
    ccxt.handleErrors = (...args) => {
      const answer = this.#answers.getStore()
      if (answer) {
        answer.status = args[0] as number // cast: ccxt's argument order
        answer.headers = lowerCaseKeys(args[4] as Record<string, string>) // cast: ccxt's argument order
        answer.json = args[6]
      }
      return handleErrors(...args)
    }
  }

  /** @throws ExchangeError, or `signal.reason` */
  async run<T>(options: CallOptions, call: () => Promise<T>): Promise<CallResult<T>> {
    const store: Call = { options, last: {} }
    try {
      const value = await this.#calls.run(store, call)
      return { value, json: store.last.json, serverTime: store.last.serverTime ?? this.#server.now() }
    } catch (error) {
      if (isMisread(error) && store.last.headers) throw notOfForm(options.subject, store.last.json, error)
      throw translateError(options.subject, error, store.last, this.#secrets)
    }
  }

  #send<T>(cost: number, send: () => Promise<T>): Promise<T> {
    const call = this.#calls.getStore()
    const { subject, ...request } = call?.options ?? { subject: this.#ccxt.id, priority: 'high' as const }
    return this.#queue.run(() => this.#attempt(subject, call, send), { ...request, cost })
  }

  async #attempt<T>(subject: string, call: Call | undefined, send: () => Promise<T>): Promise<T> {
    const answer: Answer = {}
    try {
      const value = await this.#answers.run(answer, () => this.#bounded(subject, send))
      // A 200 with HTML or cut JSON is for ccxt a text without rows.
      if (typeof value !== 'object' || value === null) throw notOfForm(subject, answer.json ?? value)
      answer.serverTime = this.#server.observe(answer.headers)
      if (call) call.last = answer
      return value
    } catch (error) {
      if (isMisread(error) && answer.headers) throw notOfForm(subject, answer.json, error)
      throw translateError(subject, error, answer, this.#secrets)
    }
  }

  /** As long again for the body as for the head, which alone ccxt bounds; in real time, as it does. */
  #bounded<T>(subject: string, send: () => Promise<T>): Promise<T> {
    const timeoutMs = 2 * this.#ccxt.timeout
    const sent = send()
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(timedOut(subject, timeoutMs)), timeoutMs)
      sent.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}

/** ccxt reads fields of what is not there, and numbers of what is none. */
function isMisread(error: unknown): boolean {
  return error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError
}

function notOfForm(subject: string, got: unknown, cause?: unknown): ExchangeError {
  const message = `${subject}: expected an answer of the exchange's form, got ${JSON.stringify(got)?.slice(0, 200) ?? 'nothing'}`
  return new ExchangeError('BAD_RESPONSE', message, { cause })
}

function lowerCaseKeys(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

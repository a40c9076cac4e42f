import type { Clock, EpochMs } from '@fullon/market'
import { type Budget, BudgetMeter } from './budget.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { ExchangeError, type ExchangeErrorCode } from './errors.js'
import { FairQueue } from './fair-queue.js'
import { Pause } from './pause.js'

/** fullon's names; a lower number goes first. */
export const PRIORITIES = { urgent: 1, high: 2, normal: 5, low: 8, bulk: 10 } as const

export type Priority = keyof typeof PRIORITIES

export interface RequestQueueOptions {
  readonly exchange: string
  readonly clock: Clock
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  readonly budget: Budget
  /** Tries a request gets in all. Default 5. */
  readonly attempts?: number
}

export interface QueuedRequest {
  /** Default `normal`. */
  readonly priority?: Priority | undefined
  /** Requests of one priority are served by key in turn: the symbol. */
  readonly key?: string | undefined
  /** In the budget's weight. Default 1. */
  readonly cost?: number
  readonly signal?: AbortSignal | undefined
}

/** Since the start; `waiting` is now. */
export interface QueueCounts {
  /** Sent, those sent again too. */
  readonly requests: number
  readonly retries: number
  readonly waiting: number
  /** Time that requests spent waiting to be sent, in all. */
  readonly waitedMs: number
}

interface Waiting {
  readonly cost: number
  readonly enter: (sent: (answeredAt: EpochMs) => void) => void
  readonly refuse: (error: ExchangeError) => void
}

// Full jitter over 1, 2, 4 … 60 s: retries of many series must not arrive together.
const BACKOFF_BASE_MS = 1_000
const BACKOFF_MAX_MS = 60_000
// Enough for 50 requests a second that are answered within 0.6 s.
const CONCURRENCY = 32
// A moment later the same request may be answered; a ban is waited for by nobody.
const WORTH_RETRYING: ReadonlySet<ExchangeErrorCode> = new Set([
  'BAD_RESPONSE',
  'RATE_LIMITED',
  'TIMEOUT',
  'UNAVAILABLE',
])

/** All requests to one exchange pass here: by priority, within its budget, tried again where that can help. */
export class RequestQueue {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #attempts: number
  readonly #breaker: CircuitBreaker
  readonly #waiting = new FairQueue<Waiting>()
  readonly #counts = { requests: 0, retries: 0, waitedMs: 0 }
  readonly meter: BudgetMeter
  #running = 0
  readonly #pause = new Pause()
  #timer: AbortController | undefined

  constructor({ exchange, clock, random, budget, attempts = 5 }: RequestQueueOptions) {
    this.#clock = clock
    this.#random = random
    this.#attempts = attempts
    this.#breaker = new CircuitBreaker(exchange)
    this.meter = new BudgetMeter(budget, clock.now())
  }

  get counts(): QueueCounts {
    return { ...this.#counts, waiting: this.#waiting.size }
  }

  setShare(share: number): void {
    this.meter.setShare(share, this.#clock.now())
    this.#pump()
  }

  /** @throws what `job` threw last, `signal.reason`, or ExchangeError `BANNED` while the exchange has banned us. */
  async run<T>(job: () => Promise<T>, request: QueuedRequest = {}): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const answered = await this.#enter(request)
      this.#counts.requests++
      if (attempt > 1) this.#counts.retries++
      let delayMs: number
      try {
        const value = await job()
        this.#breaker.onAnswer()
        return value
      } catch (error) {
        delayMs = this.#judge(error, attempt)
      } finally {
        this.#running--
        answered(this.#clock.now())
        this.#pump()
      }
      await this.#clock.sleep(delayMs, { signal: request.signal })
    }
  }

  /** Whoever waits is refused with `error`. */
  close(error: ExchangeError): void {
    this.#timer?.abort()
    for (let next = this.#waiting.take(); next; next = this.#waiting.take()) next.refuse(error)
  }

  /** How long to wait before trying again. @throws the error where trying again does not help. */
  #judge(error: unknown, attempt: number): number {
    if (!(error instanceof ExchangeError)) throw error
    const now = this.#clock.now()
    if (error.code === 'BANNED') this.#breaker.onBan(now, error.retryAfterMs)
    const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1))
    const delayMs = error.retryAfterMs ?? this.#random() * ceilingMs
    // An exchange that says "too many" means all of us, not this one request.
    if (error.code === 'RATE_LIMITED') this.#pause.start(now, Math.max(this.#pause.leftMs(now), delayMs))
    if (!WORTH_RETRYING.has(error.code) || attempt >= this.#attempts) throw error
    return delayMs
  }

  #enter({ priority = 'normal', key = '', cost = 1, signal }: QueuedRequest): Promise<(answeredAt: EpochMs) => void> {
    signal?.throwIfAborted()
    const since = this.#clock.now()
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener('abort', onAbort)
        this.#counts.waitedMs += this.#clock.now() - since
      }
      const waiting: Waiting = {
        cost,
        enter: (answered) => {
          leave()
          resolve(answered)
        },
        refuse: (error) => {
          leave()
          reject(error)
        },
      }
      const onAbort = () => {
        this.#waiting.remove(waiting)
        leave()
        reject(signal?.reason)
        this.#pump()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiting, PRIORITIES[priority], key)
      this.#pump()
    })
  }

  /** Lets through who may go now, and comes back when the next one may. */
  #pump(): void {
    this.#timer?.abort()
    this.#timer = undefined
    for (let next = this.#waiting.peek(); next; next = this.#waiting.peek()) {
      const now = this.#clock.now()
      const refusal = this.#breaker.refusal(now)
      if (refusal) {
        this.#waiting.take()?.refuse(refusal)
        continue
      }
      if (this.#running >= (this.#breaker.isProbing ? 1 : CONCURRENCY)) return
      const waitMs = Math.max(this.#pause.leftMs(now), this.meter.waitMs(next.cost, now))
      if (waitMs > 0) {
        this.#pumpIn(waitMs)
        return
      }
      this.#waiting.take()
      this.#running++
      next.enter(this.meter.spend(next.cost, now))
    }
  }

  #pumpIn(waitMs: number): void {
    if (!Number.isFinite(waitMs)) return // an answer will pump
    const timer = new AbortController()
    this.#timer = timer
    this.#clock.sleep(waitMs, { signal: timer.signal }).then(
      () => this.#pump(),
      () => {}, // somebody else came in between
    )
  }
}

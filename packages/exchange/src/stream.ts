import type { Clock } from '@fullon/market'
import type { Rider } from './connection.js'
import { ExchangeError, translateError } from './errors.js'
import type { Sockets } from './sockets.js'

/** Real time, as all of the transport's: some exchanges never answer for a subscription they refuse. */
const FIRST_SIGN_MS = 30_000

/** A reason of one's own: without one each abort makes an error with its stack, and this is one for each record. */
const OVER = 'over'

export interface StreamOptions {
  /** For messages, such as `kraken BTC/USD 1m`. */
  readonly subject: string
  readonly clock: Clock
  readonly sockets: Sockets
  readonly signals: readonly AbortSignal[]
  /** ccxt's watch. Called once: it subscribes, and then records come through taps, whether or not anybody awaits it. */
  readonly watch: () => Promise<unknown>
  /** Bound of the wait for data or an answer, from the request on. Default 30 000. */
  readonly firstSignMs?: number
  /** The subscription stands. */
  readonly onStand?: () => void
  /** A frame could not be read and may have held records of this stream. */
  readonly onDoubt?: () => void
}

/** One subscription on its way to a consumer. Fails as a whole, at once, and for good. */
export class Stream implements Rider {
  readonly #options: StreamOptions
  readonly #cleanUp: (() => void)[] = []
  #firstSign: NodeJS.Timeout | undefined
  #failure: { readonly error: unknown } | undefined
  #news = false
  #wake: (() => void) | undefined
  #takes = false
  #stands = false
  #closed = false

  constructor(options: StreamOptions) {
    this.#options = options
    for (const signal of options.signals) {
      const onAbort = () => this.fail(signal.reason)
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
      this.#cleanUp.push(() => signal.removeEventListener('abort', onAbort))
    }
    this.#subscribe()
  }

  get closed(): boolean {
    return this.#closed || this.#failure !== undefined
  }

  /** Whether the exchange has taken the subscription: a quiet market may send nothing else for long. */
  get stands(): boolean {
    return this.#stands
  }

  /** Takes a record from inside ccxt's callback: `add` keeps it. What it throws ends the stream. */
  take<Item>(item: Item, add: (item: Item) => void): void {
    if (this.closed || !this.#takes) return
    this.#options.sockets.touch(this)
    this.stand()
    try {
      add(item)
      this.#wakeUp()
    } catch (error) {
      this.fail(error)
    }
  }

  /** Resolves when something was taken, when the subscription stands, or after `dueMs`. @throws what broke the stream. */
  async next(dueMs?: number): Promise<void> {
    if (!this.#news && !this.#failure) await this.#wait(dueMs)
    this.#news = false
    if (this.#failure) throw this.#failure.error
  }

  stand(): void {
    if (this.#stands || this.closed) return
    this.#stands = true
    this.#takes = true
    clearTimeout(this.#firstSign)
    this.#options.onStand?.()
    this.#wakeUp()
  }

  board({ awaitsAnswer }: { readonly awaitsAnswer: boolean }): void {
    if (this.closed || this.#stands) return
    const { subject, firstSignMs = FIRST_SIGN_MS } = this.#options
    this.#takes = !awaitsAnswer
    clearTimeout(this.#firstSign)
    this.#firstSign = setTimeout(() => {
      const message = `${subject}: expected data or an answer within ${firstSignMs} ms of subscribing, got none`
      this.fail(new ExchangeError('STREAM_SILENT', message))
    }, firstSignMs)
  }

  doubt(): void {
    this.#options.onDoubt?.()
  }

  fail(error: unknown): void {
    this.#failure ??= { error: named(error, this.#options.subject) }
    clearTimeout(this.#firstSign)
    this.#wakeUp()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#firstSign)
    for (const undo of this.#cleanUp) undo()
    this.#options.sockets.release(this)
  }

  async #wait(dueMs: number | undefined): Promise<void> {
    const arrival = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    if (dueMs === undefined) await arrival
    else {
      const timer = new AbortController()
      await Promise.race([arrival, this.#options.clock.sleep(dueMs, { signal: timer.signal }).catch(() => {})])
      timer.abort(OVER)
    }
    this.#wake = undefined
  }

  #wakeUp(): void {
    if (this.#news) return
    this.#news = true
    this.#wake?.()
  }

  async #subscribe(): Promise<void> {
    const { sockets, watch, subject } = this.#options
    try {
      await sockets.watch(this, watch)
    } catch (error) {
      this.fail(translateError(subject, error))
    }
  }
}

/** What ends a whole socket does not say which stream it means. */
function named(error: unknown, subject: string): unknown {
  if (!(error instanceof ExchangeError) || error.message.startsWith(subject)) return error
  return new ExchangeError(error.code, `${subject}: ${error.message}`, { cause: error })
}

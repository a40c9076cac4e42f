import { type Clock, systemClock } from '@fullon/market'
import { ExchangeError } from './errors.js'
import type { CcxtClient } from './load-ccxt.js'
import type { StreamQuirks } from './stream-quirks.js'
import { fields } from './wire.js'

/** Real time in which a process reads what its sockets hold. */
const DRAIN_MS = 50

/** A subscription as ccxt made it. */
export interface Subscription {
  /** The frame that asked for it. */
  readonly request: unknown
  /** ccxt's names for it in `client.subscriptions`. */
  readonly keys: readonly string[]
  /** ccxt's names for those who wait for its news. */
  readonly hashes: readonly string[]
}

/** What rides on a socket. */
export interface Rider {
  /** It has left, or failed. */
  readonly closed: boolean
  readonly stands: boolean
  /**
   * Its request goes out; what came before is not its own. Nor is what comes before the answer where a subscription
   * before it was cancelled: that is what `awaitsAnswer` says.
   */
  board(options: { readonly awaitsAnswer: boolean }): void
  /** The exchange has taken its subscription. */
  stand(): void
  fail(error: unknown): void
  /** A frame could not be read and may have held records of it. */
  doubt(): void
}

export interface ConnectionOptions {
  readonly client: CcxtClient
  readonly clock: Clock
  readonly quirks: StreamQuirks
  readonly onStall: (error: ExchangeError) => void
  /** Sends a request as the next one. */
  readonly send: (request: object) => void
}

/** One socket: who rides on it, and whether it still brings anything. */
export class Connection {
  readonly client: CcxtClient
  readonly #options: ConnectionOptions
  readonly #riders = new Map<Rider, Subscription>()
  /** Those that may still wait for an answer: every message asks for them, and a socket may carry a thousand others. */
  readonly #unanswered = new Set<Rider>()
  /** Keys of which records may still come that were asked for before: until the next subscription is answered. */
  readonly #cancelled = new Set<string>()
  readonly #end = new AbortController()
  #lastRecordAt: number

  constructor(options: ConnectionOptions) {
    this.client = options.client
    this.#options = options
    this.#lastRecordAt = options.clock.now()
    this.#watchForStall()
  }

  get riders(): number {
    return this.#riders.size
  }

  add(rider: Rider, subscription: Subscription): void {
    if (this.#riders.has(rider)) return
    const companions = this.#sharing(subscription)
    const shared = companions[0] && this.#riders.get(companions[0])
    this.#riders.set(rider, shared ?? subscription)
    this.#unanswered.add(rider)
    rider.board({ awaitsAnswer: subscription.keys.some((key) => this.#cancelled.has(key)) })
    if (companions.some(({ stands }) => stands)) rider.stand()
  }

  /** Ends its subscription unless another rider has the same. */
  remove(rider: Rider): void {
    const subscription = this.#riders.get(rider)
    if (!subscription) return
    this.#riders.delete(rider)
    // An exchange whose answers cannot be read could not tell the records of the old from those of the next one.
    const cancels = this.#options.quirks.readAnswer !== undefined
    if (this.#sharing(subscription).length > 0 || (rider.stands && !cancels)) return
    for (const key of subscription.keys) {
      delete this.client.subscriptions[key] // else ccxt takes it for standing
      if (cancels) this.#cancelled.add(key)
    }
    const cancellation = cancellationOf(subscription.request)
    if (cancels && cancellation && this.#riders.size > 0) this.#options.send(cancellation)
  }

  carries(rider: Rider): boolean {
    return this.#riders.has(rider)
  }

  /** A record arrived, not a heartbeat and no answer. */
  touch(): void {
    this.#lastRecordAt = this.#options.clock.now()
  }

  /**
   * Tells who subscribed what the exchange answers; whether ccxt must not hear of it: a refusal would end every stream
   * of the socket, the answer to a cancellation the cache that the next subscription already writes into.
   */
  hear(message: unknown): boolean {
    const { readAnswer } = this.#options.quirks
    if (!readAnswer) return false
    if (isCancelled(message)) return true
    let refused = false
    for (const rider of this.#unanswered) {
      const subscription = this.#riders.get(rider)
      if (rider.stands || !subscription) {
        this.#unanswered.delete(rider)
        continue
      }
      const answer = readAnswer(message, subscription.request)
      if (answer === 'accepted') {
        for (const key of subscription.keys) this.#cancelled.delete(key)
        rider.stand()
      } else if (answer) {
        refused = true
        this.#refuse(rider, subscription, answer.refusal)
      }
    }
    return refused
  }

  /** The exchange sent an error: for those who wait for `hash`, or for everyone. */
  reject(error: unknown, hash: string | undefined): void {
    for (const [rider, { hashes }] of [...this.#riders]) {
      if (hash === undefined || hashes.includes(hash)) rider.fail(error)
    }
  }

  doubt(): void {
    for (const rider of this.#riders.keys()) rider.doubt()
  }

  /** The socket is gone. */
  fail(error: unknown): void {
    this.#end.abort()
    const riders = [...this.#riders.keys()]
    this.#riders.clear()
    for (const rider of riders) rider.fail(error)
  }

  #refuse(rider: Rider, { keys, hashes }: Subscription, refusal: string): void {
    const error = new ExchangeError('SUBSCRIPTION_REFUSED', refusal)
    this.#riders.delete(rider)
    for (const key of keys) delete this.client.subscriptions[key] // else ccxt takes it for standing
    rider.fail(error)
    for (const hash of hashes) this.client.reject(error, hash)
  }

  #sharing({ keys }: Subscription): Rider[] {
    return [...this.#riders].filter(([, other]) => other.keys.some((key) => keys.includes(key))).map(([rider]) => rider)
  }

  async #watchForStall(): Promise<void> {
    const { clock, quirks, onStall } = this.#options
    const { signal } = this.#end
    while (!signal.aborted) {
      this.#lastRecordAt = Math.min(this.#lastRecordAt, clock.now()) // a clock that was set back
      const leftMs = this.#lastRecordAt + quirks.stallMs - clock.now()
      if (leftMs > 0) await clock.sleep(leftMs, { signal }).catch(() => {})
      // On a machine that was busy records wait behind this very timer: they are read first.
      else if (await this.#isSilent()) {
        const message = `${this.client.url}: expected a record within ${quirks.stallMs} ms, got none`
        onStall(new ExchangeError('STREAM_STALLED', message))
        return
      }
    }
  }

  /** Whether nothing arrives while everything that waits is read. */
  async #isSilent(): Promise<boolean> {
    const before = this.#lastRecordAt
    const { signal } = this.#end
    await systemClock.sleep(DRAIN_MS, { signal }).catch(() => {})
    return !signal.aborted && this.#lastRecordAt === before
  }
}

/** {"event":"unsubscribe",…} of okx, {"op":…} of bybit, {"method":…} of kraken, {"data":{"method":…}} of hyperliquid. */
function isCancelled(message: unknown): boolean {
  const { event, op, method, data } = fields(message)
  const word = event ?? op ?? method ?? fields(data).method
  return word === 'unsubscribe'
}

/** The same frame with `subscribe` turned into `unsubscribe`, as nearly all exchanges have it. */
function cancellationOf(request: unknown): object | undefined {
  for (const [name, value] of Object.entries(fields(request))) {
    if (typeof value !== 'string' || !/^(\w+:)?subscribe$/i.test(value)) continue
    const word = value.replace(/subscribe$/i, (subscribe) =>
      subscribe === 'SUBSCRIBE' ? 'UNSUBSCRIBE' : 'unsubscribe',
    )
    return { ...fields(request), [name]: word }
  }
  return undefined
}

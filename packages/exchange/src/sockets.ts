import { AsyncLocalStorage } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'
import type { Clock } from '@fullon/market'
import { Connection, type Rider, type Subscription } from './connection.js'
import { Dialer } from './dialer.js'
import { ExchangeError, translateError } from './errors.js'
import type { CcxtClient, CcxtExchange } from './load-ccxt.js'
import { RequestTurns } from './request-turns.js'
import type { StreamQuirks } from './stream-quirks.js'

export interface SocketsOptions {
  readonly ccxt: CcxtExchange
  readonly quirks: StreamQuirks
  readonly clock: Clock
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  /** A frame that ccxt failed on. */
  readonly onBadFrame: (message: unknown, error: unknown) => void
}

/**
 * ccxt's sockets with what it keeps to itself: which of them carries which stream, that one dropped while nobody
 * awaited it, what the exchange answered to a subscription. Wraps the instance's callbacks, once.
 */
export class Sockets {
  readonly #options: SocketsOptions
  readonly #dialer: Dialer
  readonly #connections = new Map<CcxtClient, Connection>()
  readonly #lost = new WeakSet<CcxtClient>()
  readonly #callers = new AsyncLocalStorage<Rider>()
  readonly #closing = new AbortController()
  readonly #turns: RequestTurns
  /** The message whose records are being appended right now, and whose it is. */
  message: unknown
  #current: Connection | undefined
  /** Sockets that ended with streams on them, for metrics. */
  breaks = 0

  constructor(options: SocketsOptions) {
    this.#options = options
    setMaxListeners(0, this.#closing.signal) // every url that requests wait for listens
    this.#dialer = new Dialer(options)
    const { ccxt, clock, quirks } = options
    const dialDelayMs = (url: string) => (ccxt.clients?.[url]?.startedConnecting ? 0 : this.#dialer.delayMs(url))
    const { signal } = this.#closing
    this.#turns = new RequestTurns({ clock, intervalMs: quirks.requestIntervalMs, dialDelayMs, signal })
    this.#wrapMessages()
    this.#wrapLifetime()
    this.#wrapWatches()
  }

  get open(): number {
    return this.#connections.size
  }

  get reconnects(): number {
    return this.#dialer.reconnects
  }

  /** Runs one of ccxt's watches, so that the socket it uses is known to carry `rider`. */
  watch<T>(rider: Rider, call: () => Promise<T>): Promise<T> {
    return this.#callers.run(rider, call)
  }

  /** A record of `rider` arrived. */
  touch(rider: Rider): void {
    const connection = this.#current ?? this.#connectionOf(rider)
    connection?.touch()
  }

  /** Ends the subscription, and its socket when nobody else rides on it. */
  release(rider: Rider): void {
    const connection = this.#connectionOf(rider)
    connection?.remove(rider)
    if (connection?.riders === 0) this.#drop(connection.client, this.#closedError())
  }

  /** Ends every socket; resolves when none is left. */
  async close(): Promise<void> {
    const error = this.#closedError()
    this.#closing.abort(error)
    const clients = Object.values(this.#options.ccxt.clients ?? {})
    for (const client of clients) this.#drop(client, error)
    await Promise.all(clients.map(({ connection }) => connection && closed(connection)))
  }

  #wrapMessages(): void {
    const { ccxt, onBadFrame } = this.#options
    const { handleMessage } = ccxt
    ccxt.handleMessage = (client, message) => {
      if (this.#lost.has(client)) return // ccxt would write it into the caches of the socket that replaced it
      client.lastPong = Date.now() // in a flood the answer to its ping waits behind the records
      const connection = this.#connections.get(client)
      if (connection?.hear(message)) {
        if (connection.riders === 0) this.#drop(client, this.#closedError()) // nothing would come, which is no break
        return
      }
      this.message = message
      this.#current = connection
      try {
        handleMessage.call(ccxt, client, message)
      } catch (error) {
        onBadFrame(message, error)
        connection?.doubt()
      } finally {
        this.message = undefined
        this.#current = undefined
      }
    }
  }

  #wrapLifetime(): void {
    const { ccxt } = this.#options
    const { onConnected } = ccxt
    ccxt.onConnected = (client, ...rest) => {
      this.#dialer.onConnected(client.url)
      onConnected.call(ccxt, client, ...rest)
    }
    ccxt.onClose = (client) =>
      this.#onLost(client, new ExchangeError('STREAM_BROKEN', `${ccxt.id} ${client.url}: the socket was closed`))
    ccxt.onError = (client, error) => this.#onLost(client, translateError(`${ccxt.id} ${client.url}`, error))
  }

  #wrapWatches(): void {
    const { ccxt } = this.#options
    const { watch, watchMultiple } = ccxt
    ccxt.watch = (url, hash, request, key, ...rest) => {
      const subscription = { request, keys: key === undefined ? [] : [key], hashes: [hash] }
      return this.#enter(url, subscription, () => watch.call(ccxt, url, hash, request, key, ...rest))
    }
    ccxt.watchMultiple = (url, hashes, request, keys = [], ...rest) =>
      this.#enter(url, { request, keys, hashes }, () => watchMultiple.call(ccxt, url, hashes, request, keys, ...rest))
  }

  #enter(url: string, subscription: Subscription, send: () => Promise<unknown>): Promise<unknown> {
    const rider = this.#callers.getStore()
    const client = this.#options.ccxt.clients?.[url]
    const isKnown = !rider || (client && this.#connections.get(client)?.carries(rider))
    return isKnown ? send() : this.#board(url, rider, subscription, send)
  }

  /** A rider's first request on a socket: in its turn, and where the socket must be dialled first, when that is due. */
  #board(url: string, rider: Rider, subscription: Subscription, send: () => Promise<unknown>): Promise<unknown> {
    const board = () => {
      if (rider.closed) throw this.#closedError()
      const news = send()
      const client = this.#options.ccxt.clients?.[url]
      if (client) this.#connect(client).add(rider, subscription)
      return news
    }
    return this.#turns.run(url, board, { isOver: () => rider.closed })
  }

  #connectionOf(rider: Rider): Connection | undefined {
    for (const connection of this.#connections.values()) if (connection.carries(rider)) return connection
    return undefined
  }

  #connect(client: CcxtClient): Connection {
    const { clock, quirks } = this.#options
    let connection = this.#connections.get(client)
    if (!connection) {
      const isOver = () => this.#lost.has(client)
      const send = (request: object) => {
        this.#turns.run(client.url, () => client.send(request), { isOver, first: true }).catch(() => {}) // a closed socket carries no subscription any more
      }
      const onStall = (error: ExchangeError) => this.#onLost(client, error)
      connection = new Connection({ client, clock, quirks, onStall, send })
      this.#connections.set(client, connection)
      this.#hearErrors(client, connection)
      this.#nameSendErrors(client)
    }
    return connection
  }

  /** What ccxt makes of an error frame reaches only who awaits a watch. */
  #hearErrors(client: CcxtClient, connection: Connection): void {
    const { reject } = client
    client.reject = (error, hash) => {
      if (this.#current === connection) connection.reject(translateError(this.#options.ccxt.id, error), hash)
      return reject.call(client, error, hash)
    }
  }

  /** A socket that closes under a request throws the system's error, which says neither where nor what to do. */
  #nameSendErrors(client: CcxtClient): void {
    const { send } = client
    client.send = (request) =>
      send.call(client, request).catch((cause) => {
        const message = `${this.#options.ccxt.id} ${client.url}: the socket took no request (${cause.message})`
        throw new ExchangeError('STREAM_BROKEN', message, { cause })
      })
  }

  #onLost(client: CcxtClient, error: unknown): void {
    if (this.#lost.has(client)) return
    this.#dialer.onLost(client.url)
    if (this.#connections.has(client)) this.breaks++
    this.#drop(client, error)
  }

  #drop(client: CcxtClient, error: unknown): void {
    const { clients } = this.#options.ccxt
    this.#lost.add(client)
    client.error ??= error
    if (clients?.[client.url] === client) delete clients[client.url]
    this.#connections.get(client)?.fail(error)
    this.#connections.delete(client)
    client.reset(error)
    client.connection?.terminate?.() // a half-open socket never answers a polite close
  }

  #closedError(): ExchangeError {
    return new ExchangeError('CLOSED', `${this.#options.ccxt.id}: closed`)
  }
}

async function closed(socket: NonNullable<CcxtClient['connection']>): Promise<void> {
  if (socket.readyState !== socket.CLOSED) await new Promise((resolve) => socket.once('close', resolve))
}

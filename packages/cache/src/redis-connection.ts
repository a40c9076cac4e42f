import { Redis } from 'ioredis'
import type { CacheLogger } from './cache-logger.js'
import { CacheError } from './errors.js'
import { parseRedisAddress, type RedisAddress } from './redis-address.js'
import { copyWithoutSecrets, isOfReplica, isUnknownScript, translateRedisError } from './redis-errors.js'
import { boundsOf, type RedisPassThrough } from './redis-options.js'
import { type RedisCommand, SCRIPT, SCRIPT_HASH, toScripts } from './redis-script.js'
import { withinMs } from './within-ms.js'

// A Redis slower than its callers: at about 200 bytes a command this holds 20 MB, then callers are told.
const MOST_IN_FLIGHT = 100_000

export interface RedisConnectionOptions {
  readonly url?: string | undefined
  readonly redis?: RedisPassThrough | undefined
  /** How long a command, or connecting, may take. */
  readonly timeoutMs: number
  readonly logger?: CacheLogger | undefined
}

type Send = (commands: readonly RedisCommand[]) => Promise<unknown[]>

/** One connection that repairs itself, and whose commands fail at once while it is broken. */
export class RedisConnection {
  readonly redis: Redis
  readonly #address: RedisAddress
  readonly #timeoutMs: number
  readonly #logger: CacheLogger | undefined
  #lastError: Error | undefined
  #settling: (() => void)[] = []
  #inFlight = 0
  #isAway = false
  #isScriptKnown = false
  #closed = false

  constructor({ url, redis = {}, timeoutMs, logger }: RedisConnectionOptions) {
    this.#address = parseRedisAddress(url, redis)
    this.#timeoutMs = timeoutMs
    this.#logger = logger
    const options = { ...redis, ...boundsOf(timeoutMs) }
    this.redis = url === undefined ? new Redis(options) : new Redis(url, options)
    this.redis.on('error', (err) => this.#onLost(err))
    this.redis.on('close', () => this.#onLost(this.#lastError ?? new Error('the connection closed')))
    this.redis.on('ready', () => this.#onReady())
  }

  get isReady(): boolean {
    return this.redis.status === 'ready' && !this.#closed
  }

  /** Resolves when an attempt to connect has succeeded or failed, the time limit is over or the connection was closed. */
  async settle(): Promise<void> {
    if (this.isReady || this.#closed) return
    const settled = new Promise<void>((resolve) => this.#settling.push(resolve))
    await withinMs(this.#timeoutMs, settled).catch(() => undefined)
  }

  /**
   * The replies to `commands`, in one round trip; `plain` ones as they are, without the script.
   *
   * @throws CacheError
   */
  async execute(commands: readonly RedisCommand[], { plain }: { readonly plain: boolean }): Promise<unknown[]> {
    this.assertReady()
    if (commands.length === 0) return []
    if (this.#inFlight >= MOST_IN_FLIGHT)
      throw new CacheError(
        'UNAVAILABLE',
        `${this.#address.name}: expected fewer than ${MOST_IN_FLIGHT} commands to wait for answers, got ${this.#inFlight}`,
      )
    const replies = await this.#withinLimit(() => this.#counted(commands, plain ? this.#sendPlain : this.#sendScripts))
    const refusal = replies.find((reply) => reply instanceof Error)
    if (!refusal) return replies
    if (isOfReplica(refusal)) this.redis.disconnect(true) // and look for the master again
    throw this.translate(refusal)
  }

  /**
   * After it Redis will send what is published on `channels`.
   *
   * @throws CacheError
   */
  async subscribe(...channels: string[]): Promise<void> {
    await this.#withinLimit(() => this.redis.subscribe(...channels))
  }

  /** Asks for a sign of life; a connection that gives none within the time limit is left and made anew. */
  ping(): void {
    if (this.isReady) this.redis.ping().catch(() => undefined) // it fails with the connection, which says so
  }

  /** @throws CacheError `UNAVAILABLE` or `CLOSED` */
  assertReady(): void {
    if (this.#closed) throw new CacheError('CLOSED', 'cache: expected an open cache, got a closed one')
    if (this.isReady) return
    const cause = this.#lastError ?? new Error('not connected yet')
    throw new CacheError('UNAVAILABLE', `${this.#address.name}: expected a connection, got ${cause.message}`, { cause })
  }

  translate(err: unknown): CacheError {
    if (this.#closed) return new CacheError('CLOSED', 'cache: expected an open cache, got one closed meanwhile')
    return translateRedisError(err, this.#address.name, this.#address.secrets)
  }

  /** Waits for the answers under way, within their time limit. */
  async close(): Promise<void> {
    if (this.#closed) return
    const isReady = this.isReady
    this.#closed = true
    this.#onSettled()
    // Whether or not the farewell is answered, the connection ends.
    if (isReady) await withinMs(this.#timeoutMs, this.redis.quit()).catch(() => undefined)
    this.redis.disconnect()
  }

  /** Counted until they are answered or the connection is lost, however long ago their caller was told. */
  async #counted(commands: readonly RedisCommand[], send: Send): Promise<unknown[]> {
    this.#inFlight += commands.length
    try {
      return await send.call(this, commands)
    } finally {
      this.#inFlight -= commands.length
    }
  }

  async #sendScripts(commands: readonly RedisCommand[]): Promise<unknown[]> {
    return (await Promise.all(toScripts(commands).map((args) => this.#evaluate(args)))).flat()
  }

  async #sendPlain(commands: readonly RedisCommand[]): Promise<unknown[]> {
    const pipeline = this.redis.pipeline()
    for (const [name, ...args] of commands) pipeline.call(name, args)
    return ((await pipeline.exec()) ?? []).map(([error, reply]) => error ?? reply)
  }

  /** By the script's hash, which spares sending and reading it; in full where the server does not know it (any more). */
  async #evaluate(args: readonly (string | number)[]): Promise<unknown> {
    if (this.#isScriptKnown) {
      try {
        return await this.redis.call('evalsha', [SCRIPT_HASH, 0, ...args])
      } catch (err) {
        if (!isUnknownScript(err)) throw err
      }
    }
    const replies = await this.redis.call('eval', [SCRIPT, 0, ...args])
    this.#isScriptKnown = true
    return replies
  }

  async #withinLimit<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await withinMs(this.#timeoutMs, start())
    } catch (err) {
      throw this.translate(err)
    }
  }

  #onLost(err: unknown): void {
    this.#isScriptKnown = false // the next connection may be to another server
    if (this.#closed) return
    this.#lastError = copyWithoutSecrets(err, this.#address.secrets)
    this.#onSettled()
    if (this.#isAway) return
    this.#isAway = true
    this.#logger?.warn({ redis: this.#address.name, err: this.#lastError }, 'redis is away, reconnecting')
  }

  #onReady(): void {
    this.#lastError = undefined
    this.#onSettled()
    if (!this.#isAway) return
    this.#isAway = false
    this.#logger?.info({ redis: this.#address.name }, 'redis is back')
  }

  #onSettled(): void {
    for (const resolve of this.#settling.splice(0)) resolve()
  }
}

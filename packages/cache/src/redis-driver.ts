import type { CacheDriver, CacheOp, ChannelListener, ResultsOf, RunOptions } from './cache-driver.js'
import { decodeReplies, encodeOp, encodePlainOp, isPlain } from './redis-commands.js'
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.js'
import { RedisSubscriber } from './redis-subscriber.js'

// Up to so many operations commands of their own cost less than the script, above it more: ioredis has a promise for each (bench/).
const FEW = 8

/** Redis 6 or newer. Subscriptions have a connection of their own, opened with the first of them. */
export class RedisDriver implements CacheDriver {
  readonly #options: RedisConnectionOptions
  readonly #connection: RedisConnection
  #subscriber: RedisSubscriber | undefined

  private constructor(options: RedisConnectionOptions) {
    this.#options = options
    this.#connection = new RedisConnection(options)
  }

  /** Resolves after the first attempt to connect, whether or not Redis is there. */
  static async open(options: RedisConnectionOptions): Promise<RedisDriver> {
    const driver = new RedisDriver(options)
    await driver.#connection.settle()
    return driver
  }

  async run<const Ops extends readonly CacheOp[]>(
    ops: Ops,
    { loose = false }: RunOptions = {},
  ): Promise<ResultsOf<Ops>> {
    const plain = loose && ops.length <= FEW && ops.every(isPlain)
    const encoded = ops.map(plain ? encodePlainOp : encodeOp)
    const replies = await this.#connection.execute(encoded.flat(), { plain })
    let next = 0
    const results = ops.map((op, index) => {
      const since = next
      next += encoded[index]?.length ?? 0
      return decodeReplies(op, replies.slice(since, next))
    })
    return results as ResultsOf<Ops> // cast: each operation gives its own result
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<() => void> {
    this.#connection.assertReady()
    // A dead connection is noticed two time limits after it died: one until the ping, one without an answer.
    this.#subscriber ??= new RedisSubscriber(new RedisConnection(this.#options), {
      pingEveryMs: this.#options.timeoutMs,
    })
    return this.#subscriber.subscribe(channel, listener)
  }

  async close(): Promise<void> {
    await Promise.all([this.#connection.close(), this.#subscriber?.close()])
  }
}

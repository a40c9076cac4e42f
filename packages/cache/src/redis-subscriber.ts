import type { ChannelListener } from './cache-driver.js'
import type { RedisConnection } from './redis-connection.js'

/** Listeners by channel over one connection; subscribes again, and says so, each time it comes back. */
export class RedisSubscriber {
  readonly #connection: RedisConnection
  readonly #listeners = new Map<string, Set<ChannelListener>>()
  readonly #pinging: NodeJS.Timeout

  /** Pings, or a subscriber, which asks for nothing, would wait on a half-open connection for ever. */
  constructor(connection: RedisConnection, { pingEveryMs }: { readonly pingEveryMs: number }) {
    this.#connection = connection
    this.#pinging = setInterval(() => connection.ping(), pingEveryMs).unref()
    connection.redis.on('ready', () => void this.#resubscribe())
    connection.redis.on('message', (channel, text) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener.message(text)
    })
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<() => void> {
    await this.#connection.settle()
    this.#connection.assertReady()
    // Entered before the answer: or another's unsubscribe, sent meanwhile, would end this one too.
    const end = this.#enter(channel, listener)
    try {
      await this.#connection.subscribe(channel)
      return end
    } catch (err) {
      end()
      throw err
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#pinging)
    const listeners = [...this.#listeners.values()].flatMap((some) => [...some])
    this.#listeners.clear()
    for (const listener of listeners) listener.closed()
    await this.#connection.close()
  }

  #enter(channel: string, listener: ChannelListener): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return
      this.#listeners.delete(channel)
      // When this fails the connection is gone, and the channel is not asked for on the next.
      if (this.#connection.isReady) this.#connection.redis.unsubscribe(channel).catch(() => undefined)
    }
  }

  async #resubscribe(): Promise<void> {
    const channels = [...this.#listeners.keys()]
    if (channels.length === 0) return
    try {
      await this.#connection.subscribe(...channels)
    } catch {
      // The connection broke again (it will be back here) or stays silent: begin again with a new one.
      this.#connection.redis.disconnect(true)
      return
    }
    for (const channel of channels) for (const listener of this.#listeners.get(channel) ?? []) listener.missed()
  }
}

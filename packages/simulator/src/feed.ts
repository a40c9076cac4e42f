import type { Span } from '@fullon/market'
import type { Connection } from './protocol.js'
import type { Publisher } from './publisher.js'

/** Who subscribed to what, and what each is sent. A topic is a text that says all that its frames depend on. */
export class Feed<Topic> {
  readonly #publisher: Publisher
  readonly #toKey: (topic: Topic) => string
  readonly #updates: (topic: Topic, span: Span) => readonly string[]
  readonly #audiences = new Map<string, { readonly topic: Topic; readonly connections: Set<Connection> }>()

  /** @param options.updates the frames for what was published in a span. */
  constructor(options: {
    publisher: Publisher
    toKey: (topic: Topic) => string
    updates: (topic: Topic, span: Span) => readonly string[]
  }) {
    this.#publisher = options.publisher
    this.#toKey = options.toKey
    this.#updates = options.updates
  }

  /** Sends all that is published from now on: what was published before belongs in a snapshot, up to `publisher.until()`. */
  subscribe(topic: Topic, connection: Connection): void {
    this.#publisher.advance()
    const key = this.#toKey(topic)
    const audience = this.#audiences.get(key) ?? { topic, connections: new Set() }
    this.#audiences.set(key, audience)
    audience.connections.add(connection)
  }

  unsubscribe(topic: Topic, connection: Connection): void {
    const key = this.#toKey(topic)
    const audience = this.#audiences.get(key)
    audience?.connections.delete(connection)
    if (audience?.connections.size === 0) this.#audiences.delete(key)
  }

  publish(span: Span): void {
    for (const { topic, connections } of this.#audiences.values()) {
      for (const frame of this.#updates(topic, span)) {
        for (const connection of connections) connection.sendData(frame, span.since)
      }
    }
  }
}

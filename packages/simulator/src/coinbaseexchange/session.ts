import type { Clock } from '@fullon/market'
import type { Feed } from '../feed.js'
import { parseFields, toFields } from '../parse-fields.js'
import type { Connection } from '../protocol.js'
import type { TalkingSession } from '../sessions.js'
import { CHANNELS, type Channel } from './channels.js'
import type { CoinbaseProduct } from './products.js'

/** What a request names and coinbase does not know. */
class BadRequest extends Error {}

/** One connection: `{"type":"subscribe","product_ids":["BTC-USD"],"channels":["matches"]}` */
export class CoinbaseSession implements TalkingSession {
  readonly #connection: Connection
  readonly #feed: Feed<Channel>
  readonly #greet: (channel: Channel) => readonly string[]
  readonly #heartbeat: (product: CoinbaseProduct) => string
  readonly #refuses: () => boolean
  readonly #clock: Clock
  /** Those that are listed now. */
  readonly #products: () => readonly CoinbaseProduct[]
  readonly #channels = new Map<string, Channel>()

  constructor(options: {
    connection: Connection
    feed: Feed<Channel>
    /** The frames that a subscription begins with. */
    greet: (channel: Channel) => readonly string[]
    heartbeat: (product: CoinbaseProduct) => string
    refuses: () => boolean
    clock: Clock
    products: () => readonly CoinbaseProduct[]
  }) {
    this.#connection = options.connection
    this.#feed = options.feed
    this.#greet = options.greet
    this.#heartbeat = options.heartbeat
    this.#refuses = options.refuses
    this.#clock = options.clock
    this.#products = options.products
  }

  /** A request with anything wrong in it is passed over as a whole, as coinbase does. */
  receive(frame: string): void {
    this.#connection.send(JSON.stringify(this.#settle(parseFields(frame))))
  }

  heartbeat(): void {
    for (const { name, product } of this.#channels.values()) {
      if (name === 'heartbeat') this.#connection.send(this.#heartbeat(product))
    }
  }

  repeatSnapshots(): void {
    for (const channel of this.#channels.values()) this.#sendGreeting(channel)
  }

  end(): void {
    for (const channel of [...this.#channels.values()]) this.#unsubscribe(channel)
  }

  #settle(fields: Record<string, unknown> | undefined): object {
    if (!fields) return { type: 'error', message: 'Malformed JSON' }
    const { type } = fields
    if (type !== 'subscribe' && type !== 'unsubscribe')
      return { type: 'error', message: 'Invalid message type', reason: String(type) }
    try {
      const channels = this.#parse(fields)
      if (type === 'subscribe' && this.#refuses()) throw new BadRequest('Too many subscriptions')
      if (type === 'subscribe') for (const channel of channels) this.#subscribe(channel)
      else for (const channel of channels) this.#unsubscribe(channel)
      return { type: 'subscriptions', channels: this.#describe() }
    } catch (error) {
      if (error instanceof BadRequest) return { type: 'error', message: `Failed to ${type}`, reason: error.message }
      throw error
    }
  }

  #parse({ channels, product_ids: common }: Record<string, unknown>): Channel[] {
    if (!Array.isArray(channels) || channels.length === 0) throw new BadRequest('No channels provided')
    return channels.flatMap((entry: unknown) => {
      const { name = entry, product_ids: own = common } = toFields(entry)
      const channel = CHANNELS.find((candidate) => candidate === name)
      if (!channel) throw new BadRequest(`${String(name)} is not a valid channel`)
      if (!Array.isArray(own) || own.length === 0)
        throw new BadRequest(`You need to specify at least one product ID for channel ${channel}`)
      return own.map((id: unknown) => ({ name: channel, product: this.#find(id) }))
    })
  }

  #find(id: unknown): CoinbaseProduct {
    const product = this.#products().find((candidate) => candidate.id === id)
    if (!product) throw new BadRequest(`${String(id)} is not a valid product`)
    return product
  }

  #subscribe(channel: Channel): void {
    const key = toKey(channel)
    if (this.#channels.has(key)) return
    this.#channels.set(key, channel)
    this.#feed.subscribe(channel, this.#connection)
    this.#sendGreeting(channel)
  }

  #sendGreeting(channel: Channel): void {
    for (const frame of this.#greet(channel)) this.#connection.sendData(frame, this.#clock.now())
  }

  #unsubscribe(channel: Channel): void {
    this.#channels.delete(toKey(channel))
    this.#feed.unsubscribe(channel, this.#connection)
  }

  #describe(): object[] {
    return CHANNELS.flatMap((name) => {
      const own = [...this.#channels.values()].filter((channel) => channel.name === name)
      return own.length > 0 ? [{ name, product_ids: own.map(({ product }) => product.id) }] : []
    })
  }
}

export function toKey({ name, product }: Channel): string {
  return `${name} ${product.id}`
}

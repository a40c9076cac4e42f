import type { Feed } from '../feed.js'
import { parseFields } from '../parse-fields.js'
import type { Connection, Session } from '../protocol.js'
import type { Stream } from './streams.js'

/** A connection can listen to a maximum of 1024 streams (binance spot documentation, WebSocket streams). */
const MOST_STREAMS = 1024

/** What a request asks wrongly. */
class BadRequest extends Error {}

/** One connection: `{"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":1}` */
export class BinanceSession implements Session {
  readonly #connection: Connection
  readonly #isCombined: boolean
  readonly #feed: Feed<Stream>
  readonly #refuses: () => boolean
  readonly #parse: (name: string) => Stream | undefined
  readonly #streams = new Map<string, { readonly stream: Stream; readonly listener: Connection }>()

  constructor(options: {
    connection: Connection
    /** Events come as `{"stream":…,"data":…}`. */
    isCombined: boolean
    feed: Feed<Stream>
    refuses: () => boolean
    parse: (name: string) => Stream | undefined
  }) {
    this.#connection = options.connection
    this.#isCombined = options.isCombined
    this.#feed = options.feed
    this.#refuses = options.refuses
    this.#parse = options.parse
  }

  /** The streams of the address; a name that is none is passed over, and ccxt's addresses end in such a one: `/ws/0`. */
  open(names: readonly string[]): void {
    const streams = names.flatMap((name) => this.#parse(name) ?? [])
    if (streams.length > 0) this.#attempt(null, () => this.#subscribe(streams))
  }

  receive(frame: string): void {
    const fields = parseFields(frame)
    const id = fields?.id ?? null
    this.#attempt(id, () => {
      if (!fields) throw new BadRequest('invalid JSON: expected value at line 1 column 1')
      this.#reply({ result: this.#settle(fields), id })
    })
  }

  end(): void {
    for (const name of [...this.#streams.keys()]) this.#unsubscribe(name)
  }

  #attempt(id: unknown, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error
      this.#reply({ error: { code: 2, msg: `Invalid request: ${error.message}` }, id })
    }
  }

  #settle({ method, params }: Record<string, unknown>): unknown {
    if (method === undefined) throw new BadRequest('missing field `method`')
    if (method === 'LIST_SUBSCRIPTIONS') return [...this.#streams.keys()]
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') throw new BadRequest(`unknown variant \`${method}\``)
    if (!Array.isArray(params)) throw new BadRequest('missing field `params`')
    const streams = params.map((name) => this.#parse(String(name)))
    if (!streams.every((stream) => stream !== undefined)) throw new BadRequest('invalid stream')
    if (method === 'SUBSCRIBE') this.#subscribe(streams)
    else for (const { name } of streams) this.#unsubscribe(name)
    return null
  }

  #subscribe(streams: readonly Stream[]): void {
    if (this.#refuses() || this.#streams.size + streams.length > MOST_STREAMS)
      throw new BadRequest('too many subscriptions')
    for (const stream of streams) {
      if (this.#streams.has(stream.name)) continue
      const listener = this.#isCombined ? combine(stream.name, this.#connection) : this.#connection
      this.#streams.set(stream.name, { stream, listener })
      this.#feed.subscribe(stream, listener)
    }
  }

  #unsubscribe(name: string): void {
    const entry = this.#streams.get(name)
    if (entry) this.#feed.unsubscribe(entry.stream, entry.listener)
    this.#streams.delete(name)
  }

  #reply(message: object): void {
    this.#connection.send(JSON.stringify(message))
  }
}

function combine(name: string, connection: Connection): Connection {
  const wrap = (event: string): string => `{"stream":${JSON.stringify(name)},"data":${event}}`
  return {
    send: (frame) => connection.send(frame),
    sendData: (event, since) => connection.sendData(wrap(event), since),
  }
}

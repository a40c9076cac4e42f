import type { Clock } from '@fullon/market'
import type { Feed } from '../feed.js'
import { parseFields, toFields } from '../parse-fields.js'
import type { Connection } from '../protocol.js'
import type { TalkingSession } from '../sessions.js'
import { HEARTBEAT_FRAME, replyFrame } from './frames.js'
import { toTimeframe } from './timeframes.js'
import type { Topic } from './topic.js'

const OHLC_WARNING = 'timestamp is deprecated, use interval_begin'

/** What clients send: `{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]},"req_id":1}` */
interface Request {
  readonly method: unknown
  readonly requestId: unknown
  readonly channel: unknown
  readonly symbols: readonly string[]
  readonly interval: unknown
  readonly snapshot: unknown
}

/** One WebSocket v2 connection. */
export class KrakenSession implements TalkingSession {
  readonly #connection: Connection
  readonly #feed: Feed<Topic>
  readonly #snapshot: (topic: Topic) => string | undefined
  readonly #isListed: (symbol: string) => boolean
  readonly #refuses: () => boolean
  readonly #clock: Clock
  /** By channel and symbol: a connection can have one ohlc interval a symbol. */
  readonly #topics = new Map<string, Topic>()

  constructor(options: {
    connection: Connection
    feed: Feed<Topic>
    /** The frame that a subscription begins with. */
    snapshot: (topic: Topic) => string | undefined
    isListed: (symbol: string) => boolean
    refuses: () => boolean
    clock: Clock
  }) {
    this.#connection = options.connection
    this.#feed = options.feed
    this.#snapshot = options.snapshot
    this.#isListed = options.isListed
    this.#refuses = options.refuses
    this.#clock = options.clock
  }

  receive(frame: string): void {
    const request = parseRequest(frame)
    if (!request) this.#connection.send(JSON.stringify({ error: 'Malformed request', success: false }))
    else if (request.method === 'ping') this.#reply(request, { method: 'pong' })
    else if (request.method === 'subscribe') for (const symbol of request.symbols) this.#subscribe(request, symbol)
    else if (request.method === 'unsubscribe') for (const symbol of request.symbols) this.#unsubscribe(request, symbol)
    else this.#reply(request, { error: 'Unsupported method' })
  }

  heartbeat(): void {
    this.#connection.send(HEARTBEAT_FRAME)
  }

  repeatSnapshots(): void {
    for (const topic of this.#topics.values()) this.#sendSnapshot(topic)
  }

  end(): void {
    for (const topic of this.#topics.values()) this.#feed.unsubscribe(topic, this.#connection)
    this.#topics.clear()
  }

  #subscribe(request: Request, symbol: string): void {
    const { channel } = request
    const snapshot = request.snapshot !== false
    const topic = this.#open(request, symbol)
    if (typeof topic === 'string') {
      this.#reply(request, { error: topic, symbol })
      return
    }
    const result =
      topic.channel === 'trade'
        ? { channel, symbol, snapshot }
        : { channel, interval: topic.intervalMinutes, snapshot, symbol, warnings: [OHLC_WARNING] }
    this.#reply(request, { result })
    this.#feed.subscribe(topic, this.#connection)
    if (snapshot) this.#sendSnapshot(topic)
  }

  #sendSnapshot(topic: Topic): void {
    const frame = this.#snapshot(topic)
    if (frame !== undefined) this.#connection.sendData(frame, this.#clock.now())
  }

  /** The topic that is asked for, or why not. */
  #open({ channel, interval }: Request, symbol: string): Topic | string {
    if (this.#refuses()) return 'Exceeded msg rate'
    if (!this.#isListed(symbol)) return `Currency pair not supported ${symbol}`
    if (this.#topics.has(`${channel} ${symbol}`)) return 'Already subscribed'
    const topic = toTopic(channel, symbol, interval)
    if (typeof topic !== 'string') this.#topics.set(`${channel} ${symbol}`, topic)
    return topic
  }

  #unsubscribe(request: Request, symbol: string): void {
    const { channel } = request
    const topic = this.#topics.get(`${channel} ${symbol}`)
    if (!topic) {
      this.#reply(request, { error: 'Subscription Not Found', symbol })
      return
    }
    this.#topics.delete(`${channel} ${symbol}`)
    this.#feed.unsubscribe(topic, this.#connection)
    const interval = topic.channel === 'ohlc' ? { interval: topic.intervalMinutes } : {}
    this.#reply(request, { result: { channel, ...interval, symbol } })
  }

  #reply(
    request: Request,
    { method = request.method, ...outcome }: { method?: unknown; error?: string; symbol?: string; result?: object },
  ): void {
    this.#connection.send(replyFrame({ method, requestId: request.requestId, now: this.#clock.now(), ...outcome }))
  }
}

/** The topic, or what is wrong with it. */
function toTopic(channel: unknown, symbol: string, interval: unknown): Topic | string {
  if (channel === 'trade') return { channel, symbol }
  if (channel !== 'ohlc') return 'Subscription name invalid'
  const timeframe = toTimeframe(interval)
  if (!timeframe) return 'Subscription ohlc interval not supported'
  return { channel, symbol, timeframe, intervalMinutes: Number(interval) }
}

function parseRequest(frame: string): Request | undefined {
  const fields = parseFields(frame)
  if (!fields) return undefined
  const { method, req_id: requestId, params } = fields
  const { channel, symbol, interval = 1, snapshot } = toFields(params)
  const symbols = Array.isArray(symbol) ? symbol.map(String) : []
  return { method, requestId, channel, symbols, interval, snapshot }
}

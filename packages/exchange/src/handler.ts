import { setMaxListeners } from 'node:events'
import type { Candle, Clock, EpochMs, Page, Span, Tick, Timeframe, Trade } from '@fullon/market'
import { abandonable } from './abandonable.js'
import { knownTimeframe } from './base-timeframe.js'
import type { Budget } from './budget.js'
import { CandleClient } from './candle-client.js'
import type { CandleUpdate } from './candle-stream.js'
import { ExchangeError } from './errors.js'
import type { Feed } from './feed.js'
import type { CcxtExchange } from './load-ccxt.js'
import { type ListedSymbol, toListed } from './markets.js'
import type { Priority, QueueCounts, RequestQueue } from './request-queue.js'
import { createRestContext, type RefusalListener, type RestContext, type RestRequest } from './rest-context.js'
import { ServerClock } from './server-clock.js'
import { streamQuirksOf } from './stream-quirks.js'
import { type StreamCounts, Streams } from './streams.js'
import { parseTick } from './tick.js'
import { TradeClient } from './trade-client.js'
import { unlessDelisted } from './unless-delisted.js'
import { withDeadline } from './with-deadline.js'

export interface RequestOptions {
  /** Default `normal`. */
  readonly priority?: Priority
  readonly signal?: AbortSignal | undefined
  /** For everything, waiting in the queue and retries included. Default: none. */
  readonly timeoutMs?: number
}

export interface CandleOptions extends RequestOptions {
  /** Inclusive. Default: as far back as one page reaches. */
  readonly since?: EpochMs
  /** Exclusive. Default: as far as the answer can vouch. */
  readonly until?: EpochMs
}

export interface TradeOptions extends RequestOptions, Span {}

/** Since the start, for metrics; `waiting` is now. */
export interface RequestCounts extends QueueCounts {
  /** Rows of REST answers that were not believed. */
  readonly rowsRefused: number
}

export interface HandlerOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Shared with the exchange's other handlers; the handler leaves it open. */
  readonly queue: RequestQueue
  readonly onRefused?: RefusalListener | undefined
}

/** One exchange's market data. Made by {@link ExchangeQueue}. */
export class ExchangeHandler {
  readonly exchange: string
  readonly #ccxt: CcxtExchange
  readonly #clock: Clock
  readonly #server: ServerClock
  readonly #queue: RequestQueue
  readonly #rest: RestContext
  readonly #candles: CandleClient
  readonly #trades: TradeClient
  readonly #streams: Streams
  readonly #closing = new AbortController()
  #rowsRefused = 0

  constructor(ccxt: CcxtExchange, { clock, random, queue, onRefused }: HandlerOptions) {
    this.exchange = ccxt.id
    this.#ccxt = ccxt
    this.#clock = clock
    this.#server = new ServerClock(clock)
    this.#queue = queue
    const refuse: RefusalListener = (...refused) => {
      this.#rowsRefused++
      onRefused?.(...refused)
    }
    const { signal: closing } = this.#closing
    setMaxListeners(0, closing) // every request and stream listens
    this.#rest = createRestContext({ ccxt, queue, clock, server: this.#server, onRefused: refuse, closing })
    this.#candles = new CandleClient(this.#rest)
    this.#trades = new TradeClient(this.#rest)
    const { settleMs } = this.#rest.quirks
    this.#streams = new Streams({
      ccxt,
      clock,
      random,
      serverNow: () => this.serverNow(),
      settleMs,
      onRefused,
      closing,
    })
  }

  /** Those of the queue are of all handlers of the exchange. */
  get counts(): RequestCounts {
    return { ...this.#queue.counts, rowsRefused: this.#rowsRefused }
  }

  get streamCounts(): StreamCounts {
    return this.#streams.counts
  }

  /** What may be asked here, the share counted in, and what of it the current window has used. */
  get budget(): Budget & { readonly used: number } {
    return { ...this.#queue.meter.allowed, used: this.#queue.meter.used(this.#clock.now()) }
  }

  /** The exchange's time, from its last answer. */
  serverNow(): EpochMs {
    return this.#server.now()
  }

  /** How a series is followed and filled, from declared capabilities. */
  feedFor(symbol: string, timeframe: Timeframe): Feed {
    const { has } = this.#ccxt
    const { settleMs, auditDelayMs } = this.#rest.quirks
    const { watchTimeframes } = streamQuirksOf(this.exchange)
    const isServed = Object.hasOwn(this.#ccxt.timeframes, timeframe)
    const candles = has.watchOHLCV === true && (watchTimeframes?.includes(timeframe) ?? isServed)
    const newestCandles = this.#candles.newest(symbol)
    const { paging } = this.#trades
    const tradesKeptMs = paging.direction === 'backward' ? paging.keptMs : undefined
    return {
      live: candles ? 'candles' : has.watchTrades === true ? 'trades' : 'poll',
      ...(newestCandles === undefined ? {} : { newestCandles }),
      tradeHistory: paging.direction === 'forward' || paging.direction === 'backward',
      ...(tradesKeptMs === undefined ? {} : { tradesKeptMs }),
      settleMs,
      auditDelayMs,
    }
  }

  /** The oldest open time that REST candles reach now; undefined where the whole history is served. */
  candlesSince(symbol: string, timeframe: Timeframe): EpochMs | undefined {
    return this.#candles.since(symbol, timeframe)
  }

  /**
   * One page of candles: `rows` ascending, closed and settled, with the span they vouch for. Where `since` and
   * `until` are further apart than a page reaches, the page ends at `until`: the newest part of a gap comes first.
   *
   * @throws ExchangeError
   */
  async getOhlcv(symbol: string, timeframe: string, options: CandleOptions = {}): Promise<Page<Candle>> {
    const { since, until } = options
    const request = { symbol, timeframe: knownTimeframe(timeframe), since, until }
    return this.#within(`${symbol} ${timeframe}`, options, (rest) =>
      unlessDelisted(request, this.#rest.markets, () => this.#candles.get(request, rest)),
    )
  }

  /**
   * One page of public trades inside the span, with the part of it that they vouch for: its beginning, or its end
   * where the exchange pages backwards.
   *
   * @throws ExchangeError; `UNSUPPORTED` where the exchange serves no public trades by REST.
   */
  async getPublicTrades(symbol: string, { since, until, ...options }: TradeOptions): Promise<Page<Trade>> {
    return this.#within(`${symbol} trades`, options, (rest) =>
      unlessDelisted({ symbol, since, until }, this.#rest.markets, () =>
        this.#trades.get(symbol, { since, until }, rest),
      ),
    )
  }

  /** The newest tick. @throws ExchangeError */
  async getTicker(symbol: string, options: RequestOptions = {}): Promise<Tick> {
    const subject = `${this.exchange} ${symbol} ticker`
    return this.#within(`${symbol} ticker`, options, async (rest) => {
      await this.#rest.markets.find(symbol)
      const call = () => this.#ccxt.fetchTicker(symbol)
      const { value, serverTime } = await this.#rest.calls.run({ subject, key: symbol, ...rest }, call)
      const tick = parseTick(value, serverTime)
      if (tick) return tick
      throw new ExchangeError('BAD_RESPONSE', `${subject}: expected a last price, got ${JSON.stringify(value.last)}`)
    })
  }

  /** What the exchange lists, symbols that are not traded any more included. @throws ExchangeError */
  async listSymbols(options: RequestOptions = {}): Promise<ListedSymbol[]> {
    return this.#within('symbols', options, () => this.#rest.markets.list())
  }

  /** What the exchange says of a symbol. @throws ExchangeError; `SYMBOL_UNKNOWN` names the nearest that it lists. */
  async getSymbol(symbol: string, options: RequestOptions = {}): Promise<ListedSymbol> {
    return toListed(await this.#within(symbol, options, () => this.#rest.markets.find(symbol)))
  }

  /**
   * Says that a symbol was listed here, as rows of it that are stored do: where it is not any more, it was delisted.
   * A handler knows by itself only of what was listed in its own time.
   */
  remember(symbol: string): void {
    this.#rest.markets.remember(symbol)
  }

  /**
   * Follows candles until `signal` aborts; ends by throwing when the subscription breaks. Each call is one subscription;
   * the first update, perhaps with nothing in it, says that it stands. @throws ExchangeError; `UNSUPPORTED` where `feedFor` does not say `candles`.
   */
  async *watchOhlcv(
    symbol: string,
    timeframe: Timeframe,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<CandleUpdate> {
    if (this.feedFor(symbol, timeframe).live !== 'candles') {
      const message = `${this.exchange} ${symbol} ${timeframe}: expected a timeframe of its candle stream (see feedFor)`
      throw new ExchangeError('UNSUPPORTED', message)
    }
    await this.getSymbol(symbol, options)
    yield* this.#streams.watchCandles(symbol, timeframe, options.signal)
  }

  /**
   * Follows trades until `signal` aborts; ends by throwing when the subscription breaks. Each call is one subscription;
   * the first batch, perhaps with nothing in it, says that it stands. */
  async *watchTrades(symbol: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<Page<Trade>[]> {
    await this.getSymbol(symbol, options)
    yield* this.#streams.watchTrades(symbol, options.signal)
  }

  /** The newest tick, again and again, until `signal` aborts; ends by throwing when the subscription breaks. */
  async *watchTicker(symbol: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<Tick> {
    await this.getSymbol(symbol, options)
    yield* this.#streams.watchTicker(symbol, options.signal)
  }

  /** Ends every stream and request and closes the sockets. */
  async close(): Promise<void> {
    this.#closing.abort(new ExchangeError('CLOSED', `${this.exchange}: closed`))
    await this.#streams.close()
    await this.#ccxt.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #within<T>(
    what: string,
    { priority, signal, timeoutMs }: RequestOptions,
    call: (options: RestRequest) => Promise<T>,
  ): Promise<T> {
    const signals = signal ? [signal, this.#closing.signal] : [this.#closing.signal]
    const deadline = { subject: `${this.exchange} ${what}`, clock: this.#clock, signals, timeoutMs }
    return withDeadline(deadline, (ending) => abandonable(call({ priority, signal: ending }), ending))
  }
}

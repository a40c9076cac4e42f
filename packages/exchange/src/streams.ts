import type { Clock, EpochMs, Page, Tick, Timeframe, Trade } from '@fullon/market'
import { parseCandle } from './candle-page.js'
import { CandleLedger, type CandleUpdate } from './candle-stream.js'
import { asTrade, doubtTrade } from './check-rows.js'
import { ExchangeError } from './errors.js'
import { type CcxtCandle, type CcxtExchange, type CcxtTicker, type CcxtTrade, loadCacheClasses } from './load-ccxt.js'
import type { RefusalListener } from './rest-context.js'
import { Sockets } from './sockets.js'
import { Stream, type StreamOptions } from './stream.js'
import { type StreamQuirks, streamQuirksOf } from './stream-quirks.js'
import { tap } from './tap.js'
import { parseTick } from './tick.js'
import { TradeRoom } from './trade-room.js'
import { TradeLedger } from './trade-stream.js'

export interface StreamsOptions {
  readonly ccxt: CcxtExchange
  readonly clock: Clock
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  /** The exchange's time. */
  readonly serverNow: () => EpochMs
  readonly settleMs: number
  readonly onRefused?: RefusalListener | undefined
  /** Ends every stream. */
  readonly closing: AbortSignal
}

/** For metrics: what the streams of one exchange did since the start, and how many sockets and streams are open. */
export interface StreamCounts {
  readonly sockets: number
  readonly streams: number
  readonly records: number
  /** Sockets that ended under their streams. */
  readonly breaks: number
  readonly reconnects: number
  readonly rowsRefused: number
}

/** A row from beyond this is a wrong unit or worse: our reading of the exchange's time lags by what its answer took. */
const FUTURE_MS = 300_000

/** Live candles, trades and ticks of one exchange. */
export class Streams {
  readonly #options: StreamsOptions
  readonly #quirks: StreamQuirks
  readonly #sockets: Sockets
  readonly #room = new TradeRoom()
  #open = 0
  #records = 0
  #rowsRefused = 0

  constructor(options: StreamsOptions) {
    const { ccxt, clock, random } = options
    this.#options = options
    this.#quirks = streamQuirksOf(ccxt.id)
    if (this.#quirks.needsNoLogin) ccxt.authenticate = async () => {}
    const onBadFrame = (raw: unknown, reason: unknown) => this.#refuse(`${ccxt.id} frame`, raw, reason)
    this.#sockets = new Sockets({ ccxt, quirks: this.#quirks, clock, random, onBadFrame })
  }

  get counts(): StreamCounts {
    const { open: sockets, breaks, reconnects } = this.#sockets
    return { sockets, streams: this.#open, records: this.#records, breaks, reconnects, rowsRefused: this.#rowsRefused }
  }

  async *watchCandles(symbol: string, timeframe: Timeframe, signal?: AbortSignal): AsyncGenerator<CandleUpdate> {
    const { ccxt, serverNow, settleMs } = this.#options
    const { isCandleClosed } = this.#quirks
    const { ArrayCacheByTimestamp } = await loadCacheClasses()
    const ledger = new CandleLedger({ timeframe, settleMs, flagged: isCandleClosed !== undefined })
    const stream = this.#openStream(`${symbol} ${timeframe}`, signal, {
      watch: () => ccxt.watchOHLCV(symbol, timeframe),
      onDoubt: () => ledger.refuse(),
    })
    ccxt.ohlcvs[symbol] ??= {}
    const add = (row: CcxtCandle) => this.#addCandle(ledger, row, { symbol, timeframe })
    const untap = tap(ccxt.ohlcvs[symbol], timeframe, ArrayCacheByTimestamp, (item) => {
      stream.take(item as CcxtCandle, add) // cast: what ccxt appends
    })
    let told = false
    try {
      for (;;) {
        const { nextSettles } = ledger
        await stream.next(nextSettles === undefined ? undefined : Math.max(0, nextSettles - serverNow()))
        const update = ledger.take(serverNow())
        const isNews = update.settled.length > 0 || update.closed.length > 0 || update.forming
        if (isNews || (stream.stands && !told)) yield update
        told ||= stream.stands
      }
    } finally {
      this.#closeStream(stream, untap)
    }
  }

  async *watchTrades(symbol: string, signal?: AbortSignal): AsyncGenerator<Page<Trade>[]> {
    const { ccxt, serverNow } = this.#options
    const { latenessMs, consecutiveTradeIds: consecutiveIds = false } = this.#quirks
    const { ArrayCache } = await loadCacheClasses()
    const ledger = new TradeLedger({ latenessMs, consecutiveIds, serverNow, room: this.#room })
    let standsSince = Number.POSITIVE_INFINITY
    const stream = this.#openStream(`${symbol} trades`, signal, {
      watch: () => ccxt.watchTrades(symbol),
      onStand: () => {
        standsSince = serverNow()
      },
      onDoubt: () => ledger.refuse(),
    })
    const add = (trade: CcxtTrade) => this.#addTrade(ledger, trade, { symbol, standsSince })
    const untap = tap(ccxt.trades, symbol, ArrayCache, (item) => {
      stream.take(item as CcxtTrade, add) // cast: what ccxt appends
    })
    let told = false
    try {
      for (;;) {
        await stream.next()
        const pages = ledger.take()
        if (pages.length > 0 || (stream.stands && !told)) yield pages
        told ||= stream.stands
      }
    } finally {
      this.#closeStream(stream, untap)
      ledger.close()
    }
  }

  /** The newest tick each time; those that a slow consumer had no time for are skipped. */
  async *watchTicker(symbol: string, signal?: AbortSignal): AsyncGenerator<Tick> {
    const { ccxt, serverNow } = this.#options
    let newest: Tick | undefined
    const take = (ticker: CcxtTicker) => {
      this.#records++
      newest = parseTick(ticker, serverNow())
      if (!newest) this.#refuse(`${ccxt.id} ${symbol} ticker`, ticker, 'expected a last price')
    }
    const stream: Stream = this.#openStream(`${symbol} ticker`, signal, {
      watch: async () => {
        for (;;) {
          const first = await ccxt.watchTicker(symbol)
          if (stream.closed) return
          stream.take(ccxt.tickers[symbol] ?? first, take) // of several in one chunk `watch` gives the first
        }
      },
    })
    try {
      for (;;) {
        await stream.next()
        const tick = newest
        newest = undefined
        if (tick) yield tick
      }
    } finally {
      this.#closeStream(stream)
    }
  }

  /** Ends every socket; resolves when none is left. */
  close(): Promise<void> {
    return this.#sockets.close()
  }

  #openStream(
    subject: string,
    signal: AbortSignal | undefined,
    options: Pick<StreamOptions, 'watch' | 'onStand' | 'onDoubt'>,
  ): Stream {
    const { ccxt, clock, closing } = this.#options
    const signals = signal ? [signal, closing] : [closing]
    this.#open++
    return new Stream({ subject: `${ccxt.id} ${subject}`, clock, sockets: this.#sockets, signals, ...options })
  }

  #closeStream(stream: Stream, untap?: () => void): void {
    this.#open--
    stream.close()
    untap?.()
  }

  /** Copied by parsing: ccxt changes the row in place while the candle forms. */
  #addCandle(ledger: CandleLedger, row: CcxtCandle, series: { symbol: string; timeframe: Timeframe }): void {
    const [timestamp = Number.NaN] = row
    this.#records++
    try {
      const candle = parseCandle(row, series)
      this.#checkTime(timestamp)
      ledger.add(candle, this.#quirks.isCandleClosed?.(this.#sockets.message, timestamp))
    } catch (reason) {
      if (!isBadRow(reason)) throw reason
      ledger.refuse(Number.isFinite(timestamp) ? timestamp : undefined)
      this.#refuse(`${this.#options.ccxt.id} ${series.symbol} ${series.timeframe}`, [...row], reason)
    }
  }

  #addTrade(
    ledger: TradeLedger,
    item: CcxtTrade,
    { symbol, standsSince }: { symbol: string; standsSince: EpochMs },
  ): void {
    const { isTradeSnapshot } = this.#quirks
    this.#records++
    try {
      const trade = this.#parseTrade(item, symbol)
      const isPast = isTradeSnapshot ? isTradeSnapshot(this.#sockets.message) : trade.timestamp < standsSince
      ledger.add(trade, isPast)
    } catch (reason) {
      if (!isBadRow(reason)) throw reason
      ledger.refuse()
      this.#refuse(`${this.#options.ccxt.id} ${symbol} trades`, item.info ?? item, reason)
    }
  }

  #parseTrade(item: CcxtTrade, symbol: string): Trade {
    const doubt = doubtTrade(item)
    const trade = asTrade(item)
    const { id } = trade
    const isId = this.#quirks.consecutiveTradeIds ? Number.isSafeInteger(Number(id)) : id !== undefined
    if (doubt || !isId || !id) {
      const raw = JSON.stringify(item.info ?? item)
      throw new ExchangeError('BAD_RESPONSE', `${symbol} trades: expected ${doubt ?? 'an id'}, got ${raw}`)
    }
    this.#checkTime(trade.timestamp)
    return trade as Trade // cast: it has an id
  }

  #checkTime(timestamp: EpochMs): void {
    const now = this.#options.serverNow()
    if (timestamp <= now + FUTURE_MS) return
    const message = `expected a time up to the exchange's ${new Date(now).toISOString()}, got ${timestamp}`
    throw new ExchangeError('BAD_RESPONSE', message)
  }

  #refuse(subject: string, raw: unknown, reason: unknown): void {
    this.#rowsRefused++
    this.#options.onRefused?.(subject, raw, reason instanceof Error ? reason.message : String(reason))
  }
}

function isBadRow(error: unknown): boolean {
  return error instanceof ExchangeError && error.code === 'BAD_RESPONSE'
}

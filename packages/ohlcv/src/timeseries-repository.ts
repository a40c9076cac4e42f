import {
  ceilToTimeframe,
  clipSpans,
  type EpochMs,
  floorToTimeframe,
  parseTimeframe,
  type Series,
  type Span,
  spansLengthMs,
  TIMEFRAMES,
  type Timeframe,
  timeframeMs,
} from '@fullon/market'
import { aggregateSource } from './aggregate-source.js'
import { checkSpan } from './check-page.js'
import type { Beside } from './connections.js'
import { type EmptyCandle, type FetchedCandle, type Fill, fillCandles, type LastPrice } from './fill-candles.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import type { SeriesOptions } from './series-repository.js'
import { fetchCandles } from './sql/fetch-candles.js'
import { findSources, type StoredSource } from './sql/find-sources.js'
import type { Queryable } from './sql/queryable.js'
import { readCandles, readTrades } from './sql/read-rows.js'

export interface FetchOptions<Filling extends Fill = 'none'> extends Span {
  /** A multiple of the stored one. */
  readonly timeframe: string
  /** What they are made of. Default `candles`. */
  readonly source?: 'candles' | 'trades'
  /** For intervals that were answered for and hold no row. Default `none`. */
  readonly fill?: Filling
}

export interface StreamOptions<Filling extends Fill = 'none'> extends FetchOptions<Filling> {
  readonly signal?: AbortSignal | undefined
}

/** With `fill: 'null'` some are empty. */
export type Fetched<Filling extends Fill> = Filling extends 'null' ? FetchedCandle | EmptyCandle : FetchedCandle

interface Request extends Span {
  readonly timeframe: Timeframe
  readonly source: 'candles' | 'trades'
  readonly fill: Fill
}

/** Intervals of one array of a stream. */
const SLICE_INTERVALS = 10_000

/** A longer range is cut to what its source covers first: planning opens each of its weeks. */
const SHORT_MS = 4 * timeframeMs('1w')

/** Candles of any timeframe, made in the database from what is stored of one exchange and symbol. */
export class TimeseriesRepository {
  readonly #db: OhlcvDatabase
  readonly #series: Series
  readonly #subject: string

  constructor(db: OhlcvDatabase, exchange: string, symbol: string, { sandbox = false }: SeriesOptions = {}) {
    this.#db = db
    this.#series = { exchange, symbol, sandbox }
    this.#subject = `${exchange} ${symbol}`
  }

  /**
   * Candles that open in `[since, until)`, ascending, of one state of the database.
   *
   * @throws RangeError when no stored timeframe divides the wanted one.
   */
  async fetchOhlcv<Filling extends Fill = 'none'>(options: FetchOptions<Filling>): Promise<Fetched<Filling>[]> {
    const request = this.#parse(options)
    const isShort = request.until - request.since <= SHORT_MS && request.fill !== 'previous'
    const candles =
      (isShort ? await this.#fetchAtOnce(request) : undefined) ??
      (await this.#db.snapshot((connection, beside) => this.#fetch(connection, beside, request)))
    return candles as Fetched<Filling>[] // cast: only `null` gives empty ones
  }

  /** As {@link fetchOhlcv} for ranges of any length: arrays of bounded size, each of one state of the database. */
  async *streamOhlcv<Filling extends Fill = 'none'>({
    signal,
    ...options
  }: StreamOptions<Filling>): AsyncGenerator<Fetched<Filling>[], void> {
    const request = this.#parse(options)
    signal?.throwIfAborted()
    const source = await this.#db.query((connection) => this.#findSource(connection, request))
    const { since, until } = reachOf(source, request)
    const lengthMs = SLICE_INTERVALS * timeframeMs(request.timeframe)
    for (let start = since; start < until; start += lengthMs) {
      signal?.throwIfAborted()
      const candles = await this.fetchOhlcv({ ...options, since: start, until: Math.min(start + lengthMs, until) })
      if (candles.length > 0) yield candles
    }
  }

  #parse({ since, until, timeframe, source = 'candles', fill = 'none' }: FetchOptions<Fill>): Request {
    checkSpan(this.#subject, { since, until })
    const parsed = parseTimeframe(timeframe)
    const [first, end] = [ceilToTimeframe(since, parsed), ceilToTimeframe(until, parsed)]
    return { since: first, until: end, timeframe: parsed, source, fill }
  }

  /** Undefined when there is no source that fits. */
  async #fetchAtOnce(request: Request): Promise<(FetchedCandle | EmptyCandle)[] | undefined> {
    const { since, until, timeframe, source, fill } = request
    const window = { since, until }
    const timeframes = source === 'trades' ? ([''] as const) : TIMEFRAMES.filter((one) => isMultiple(timeframe, one))
    const found = await this.#db.query((connection) =>
      fetchCandles(connection, this.#series, { span: window, timeframe, timeframes }),
    )
    return found && fillCandles(found.candles, { timeframe, covered: found.covered, window, fill })
  }

  async #fetch(connection: Queryable, beside: Beside, request: Request): Promise<(FetchedCandle | EmptyCandle)[]> {
    const { timeframe, fill } = request
    const source = await this.#findSource(connection, request)
    const window = reachOf(source, request)
    if (!source || window.since >= window.until) return []
    const candles = await aggregateSource(connection, beside, source, { span: window, timeframe })
    const previous = fill === 'previous' ? await lastPrice(connection, source, window.since) : undefined
    return fillCandles(candles, { timeframe, covered: source.covered, window, fill, previous })
  }

  /** Of several stored timeframes that fit, the one that holds most of the range; of equals the longest. */
  async #findSource(connection: Queryable, request: Request): Promise<StoredSource | undefined> {
    const { timeframe, source } = request
    const stored = (await findSources(connection, this.#series)).filter(
      (one) => (one.timeframe === null) === (source === 'trades'),
    )
    const fitting = stored.filter((one) => one.timeframe === null || isMultiple(timeframe, one.timeframe))
    if (stored.length > 0 && fitting.length === 0) {
      const timeframes = stored.map((one) => one.timeframe).join(' or ')
      throw new RangeError(`${this.#subject}: expected a multiple of the stored ${timeframes}, got ${timeframe}`)
    }
    const heldMs = ({ covered }: StoredSource) => spansLengthMs(clipSpans(covered, request))
    const lengthMs = (one: StoredSource) => (one.timeframe ? timeframeMs(one.timeframe) : 0)
    return fitting.toSorted((a, b) => heldMs(b) - heldMs(a) || lengthMs(b) - lengthMs(a))[0]
  }
}

function isMultiple(timeframe: Timeframe, of: Timeframe): boolean {
  return timeframeMs(timeframe) % timeframeMs(of) === 0
}

/** The part of the request in which there can be a candle, in whole intervals. */
function reachOf(source: StoredSource | undefined, { since, until, timeframe }: Request): Span {
  const [first, last] = [source?.covered[0], source?.covered.at(-1)]
  if (!first || !last) return { since, until: since }
  return {
    since: Math.max(since, floorToTimeframe(first.since, timeframe)),
    until: Math.min(until, ceilToTimeframe(last.until, timeframe)),
  }
}

/** The newest price before `until`, where coverage reaches from it to there. */
async function lastPrice(
  connection: Queryable,
  { seriesId, timeframe, covered }: StoredSource,
  until: EpochMs,
): Promise<LastPrice | undefined> {
  const unbroken = covered.find((span) => span.since < until && span.until >= until)
  if (!unbroken) return undefined
  const bounds = { seriesId, since: unbroken.since, until }
  const newest = { limit: 1, from: 'newest' } as const
  if (timeframe) {
    const [candle] = await readCandles(connection, bounds, newest)
    return candle && { close: candle.close, lastAt: candle.timestamp }
  }
  const [trade] = await readTrades(connection, bounds, newest)
  return trade && { close: trade.price, lastAt: trade.timestamp }
}

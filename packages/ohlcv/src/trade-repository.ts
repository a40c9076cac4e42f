import { type EpochMs, type Page, parseTimeframe, type Span, type Trade } from '@fullon/market'
import { type BuildTarget, buildFromTrades, buildWeeks } from './build-from-trades.js'
import { checkLimit, checkSpan, checkTradePage } from './check-page.js'
import { compareRows, type Difference, isSameTrade } from './compare-rows.js'
import type { SaveResult } from './merge-rows.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { type RowTable, savePage } from './save-page.js'
import { type SeriesOptions, SeriesRepository, STREAM_ROWS, type StreamRange } from './series-repository.js'
import { copyTrades } from './sql/copy-rows.js'
import { findBounds } from './sql/find-bounds.js'
import { mergeTrades } from './sql/merge-trades.js'
import type { Queryable } from './sql/queryable.js'
import { readTrades, type TradeSlice } from './sql/read-rows.js'
import { toCsv } from './to-csv.js'

export interface BuildOptions {
  readonly timeframe: string
  /**
   * The exchange's own candle history no longer reaches intervals that end by then: candles of confirmed trades
   * are final there, and win over a provisional one of the exchange's. Default: none are.
   */
  readonly finalBefore?: EpochMs
}

export interface SaveTradesOptions {
  /** Also build candles, in the same transaction. */
  readonly build?: BuildOptions
}

export interface SaveTradesResult extends SaveResult {
  /** Candles inserted or corrected. */
  readonly built: number
}

export interface TradeRange extends Span {
  /** At most this many, the oldest. Default: all. */
  readonly limit?: number
}

const TABLE: RowTable<Trade> = { copy: copyTrades, merge: mergeTrades }

/** Trades of one exchange and symbol. */
export class TradeRepository extends SeriesRepository {
  constructor(db: OhlcvDatabase, exchange: string, symbol: string, { sandbox = false }: SeriesOptions = {}) {
    super(db, { exchange, symbol, sandbox })
  }

  /**
   * Stores trades and, in the same transaction, that the exchange answered for `page.covered`; with `build`, also the
   * candles of the intervals that trade coverage now holds whole.
   *
   * @throws OhlcvError `INVALID` with the row quoted, RangeError for rows without `covered`; nothing is stored then.
   */
  async saveTrades(page: Page<Trade>, { build }: SaveTradesOptions = {}): Promise<SaveTradesResult> {
    const target = build && parseTarget(this.subject, build)
    checkTradePage(this.subject, page)
    const { rows, covered } = page
    const candles = target && covered ? buildWeeks(covered, target) : []
    const save = async (connection: Queryable) => {
      const saved = await savePage(connection, this.series, page, TABLE)
      const built = target && covered ? await buildFromTrades(connection, this.series, covered, target) : 0
      return { ...saved, built }
    }
    return this.db.inTurn(rows.length, () => this.db.write({ trades: rows, candles }, save))
  }

  /**
   * What is stored otherwise than `page` has it, within what it covers, ascending; nothing is changed.
   *
   * @throws as {@link saveTrades}.
   */
  async compareTrades(page: Page<Trade>): Promise<Difference<Trade>[]> {
    checkTradePage(this.subject, page)
    if (!page.covered) return []
    const stored = await this.getTradesInRange(page.covered)
    return compareRows(stored, page.rows, { keyOf: ({ id }) => id, isSame: isSameTrade })
  }

  /**
   * Builds candles of the trades that are stored already, under the rules of a save.
   *
   * @returns how many were inserted or corrected.
   */
  async buildCandles(span: Span, build: BuildOptions): Promise<number> {
    const target = parseTarget(this.subject, build)
    checkSpan(this.subject, span)
    const candles = buildWeeks(span, target)
    return this.db.write({ candles }, (connection) => buildFromTrades(connection, this.series, span, target))
  }

  /**
   * Ascending by time and id.
   *
   * @throws RangeError for a limit that is not a whole number from 0 on; as every read that has one.
   */
  async getTradesInRange({ limit, ...range }: TradeRange): Promise<Trade[]> {
    return this.#read(range, { limit, from: 'oldest' })
  }

  /** The newest `count`, ascending by time and id. */
  async getRecentTrades(count: number): Promise<Trade[]> {
    return this.#read({}, { limit: count, from: 'newest' })
  }

  /** Ranges of any length: ascending arrays of at most 10,000, each of one state of the database. */
  async *streamTrades({ signal, ...range }: StreamRange = {}): AsyncGenerator<Trade[], void> {
    let after: Trade | undefined
    for (;;) {
      signal?.throwIfAborted()
      const since = after?.timestamp ?? range.since ?? 0
      const rows = await this.#read({ ...range, since }, { limit: STREAM_ROWS, from: 'oldest', after })
      after = rows.at(-1)
      if (!after) return
      yield rows
    }
  }

  /** CSV of a range, as pieces of text: `timestamp` (epoch milliseconds), `id`, `side`, `price`, `amount`. */
  exportCsv(range: StreamRange = {}): AsyncGenerator<string, void> {
    return toCsv(this.streamTrades(range), ['timestamp', 'id', 'side', 'price', 'amount'])
  }

  async #read(range: Partial<Span>, slice: TradeSlice): Promise<Trade[]> {
    checkLimit(this.subject, slice.limit)
    return this.db.query(async (connection) => {
      const bounds = await findBounds(connection, this.series, range)
      return bounds ? readTrades(connection, bounds, slice) : []
    })
  }
}

function parseTarget(subject: string, { timeframe, finalBefore }: BuildOptions): BuildTarget {
  if (finalBefore !== undefined && !Number.isFinite(finalBefore)) {
    throw new RangeError(`${subject}: expected finalBefore in epoch milliseconds, got ${finalBefore}`)
  }
  return { timeframe: parseTimeframe(timeframe), finalBefore }
}

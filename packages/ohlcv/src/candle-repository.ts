import {
  type Candle,
  type Page,
  parseTimeframe,
  type Span,
  saysNothing,
  type Timeframe,
  wholeIntervals,
} from '@fullon/market'
import { checkCandlePage, checkLimit } from './check-page.js'
import { compareRows, type Difference, isSameCandle } from './compare-rows.js'
import type { SaveResult } from './merge-rows.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { saveAtOnce } from './save-at-once.js'
import { type RowTable, savePage } from './save-page.js'
import { type SeriesOptions, SeriesRepository, STREAM_ROWS, type StreamRange } from './series-repository.js'
import { copyCandles } from './sql/copy-rows.js'
import { findBounds } from './sql/find-bounds.js'
import type { Strength, Wanted } from './sql/find-gaps.js'
import { mergeCandles } from './sql/merge-candles.js'
import { readCandles } from './sql/read-rows.js'
import { toCsv } from './to-csv.js'

export interface CandleRange extends Partial<Span> {
  /** At most this many: the oldest from `since`, the newest when there is no `since`. Default: all. */
  readonly limit?: number
}

/** @internal */
export const CANDLES: RowTable<Candle> = { copy: copyCandles, merge: mergeCandles }

/** Candles of one exchange, symbol and timeframe. */
export class CandleRepository extends SeriesRepository {
  readonly #timeframe: Timeframe

  /** @throws RangeError for an unknown timeframe. */
  constructor(
    db: OhlcvDatabase,
    exchange: string,
    symbol: string,
    timeframe: string,
    { sandbox = false }: SeriesOptions = {},
  ) {
    const parsed = parseTimeframe(timeframe)
    super(db, { exchange, symbol, sandbox, timeframe: parsed })
    this.#timeframe = parsed
  }

  /**
   * Stores candles and, in the same transaction, that the exchange answered for `page.covered`.
   * Candles that say nothing are not stored: coverage without a row says the same.
   *
   * @throws OhlcvError `INVALID` with the row quoted, RangeError for rows without `covered`; nothing is stored then.
   */
  async saveCandles(page: Page<Candle>): Promise<SaveResult> {
    checkCandlePage(this.subject, page, this.#timeframe)
    const rows = page.rows.filter((candle) => !saysNothing(candle))
    return this.db.inTurn(rows.length, () => this.#save({ ...page, rows }))
  }

  async #save(page: Page<Candle>): Promise<SaveResult> {
    const { rows, covered: window, unavailable } = page
    if (window && !unavailable) {
      const saved = await saveAtOnce(this.db, [{ series: this.series, window, page }])
      if (saved?.[0]) return saved[0]
    }
    return this.db.write({ candles: rows }, (connection) => savePage(connection, this.series, page, CANDLES))
  }

  /**
   * What is stored otherwise than `page` has it, within what it covers, ascending; nothing is changed.
   *
   * @throws as {@link saveCandles}.
   */
  async compareCandles(page: Page<Candle>): Promise<Difference<Candle>[]> {
    checkCandlePage(this.subject, page, this.#timeframe)
    if (!page.covered) return []
    const published = page.rows.filter((candle) => !saysNothing(candle))
    const stored = await this.getCandles(page.covered)
    return compareRows(stored, published, { keyOf: ({ timestamp }) => timestamp, isSame: isSameCandle })
  }

  /** @internal As of every series, in whole intervals: no answer can be had for a part of a candle. */
  override async lacking(wanted: Wanted): Promise<Record<Strength, Span[]>> {
    const { covered, confirmed } = await super.lacking(wanted)
    const whole = (spans: readonly Span[]) => wholeIntervals(spans, this.#timeframe).reverse()
    return { covered: whole(covered), confirmed: whole(confirmed) }
  }

  /** Ranges of any length: ascending arrays of at most 10,000, each of one state of the database. */
  async *streamCandles({ signal, ...range }: StreamRange = {}): AsyncGenerator<Candle[], void> {
    let { since = 0 } = range
    for (;;) {
      signal?.throwIfAborted()
      const rows = await this.getCandles({ ...range, since, limit: STREAM_ROWS })
      const last = rows.at(-1)
      if (!last) return
      yield rows
      since = last.timestamp + 1
    }
  }

  /** CSV of a range, as pieces of text: `timestamp` (epoch milliseconds), `open`, `high`, `low`, `close`, `volume`. */
  exportCsv(range: StreamRange = {}): AsyncGenerator<string, void> {
    return toCsv(this.streamCandles(range), ['timestamp', 'open', 'high', 'low', 'close', 'volume'])
  }

  /**
   * Ascending.
   *
   * @throws RangeError for a limit that is not a whole number from 0 on.
   */
  async getCandles({ limit, ...range }: CandleRange = {}): Promise<Candle[]> {
    checkLimit(this.subject, limit)
    const from = range.since === undefined ? 'newest' : 'oldest'
    return this.db.query(async (connection) => {
      const bounds = await findBounds(connection, this.series, range)
      return bounds ? readCandles(connection, bounds, { limit, from }) : []
    })
  }
}

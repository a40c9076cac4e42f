import type { EpochMs, Series, Span, Unavailable } from '@fullon/market'
import { checkSpan } from './check-page.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { type Coverage, selectSeries } from './select-series.js'
import type { Edge } from './sql/edge-windows.js'
import { findBounds } from './sql/find-bounds.js'
import { findGaps, type Strength, type Wanted } from './sql/find-gaps.js'
import { lockSeries } from './sql/lock-series.js'
import { clearUnavailable, markUnavailable, readUnavailable } from './sql/mark-unavailable.js'
import { readEdge } from './sql/read-rows.js'

export interface SeriesOptions {
  /** The exchange's test environment, whose series are kept apart. Default false. */
  readonly sandbox?: boolean
}

export interface GapOptions extends Span {
  /** `covered` (default): not answered for. `confirmed`: not final. */
  readonly strength?: Strength
}

export interface StreamRange extends Partial<Span> {
  readonly signal?: AbortSignal | undefined
}

/** Rows in one array of a stream: about a megabyte. */
export const STREAM_ROWS = 10_000

/** What candles and trades have in common: their coverage. */
export abstract class SeriesRepository {
  protected readonly db: OhlcvDatabase
  /** What it is the repository of; no timeframe for trades. */
  readonly series: Series
  /** The series in error messages. */
  protected readonly subject: string
  readonly #table: 'candles' | 'trades'

  constructor(db: OhlcvDatabase, series: Series) {
    const { exchange, symbol, timeframe } = series
    this.db = db
    this.series = series
    this.subject = `${exchange} ${symbol} ${timeframe ?? 'trades'}`
    this.#table = timeframe ? 'candles' : 'trades'
  }

  /** Makes the series known without saving anything; saving does so, too. */
  async initSymbol(): Promise<void> {
    await this.db.write({}, (connection) => lockSeries(connection, this.series))
  }

  /** What of `[since, until)` the series lacks and the exchange may have; newest first. */
  async gaps({ since, until, strength = 'covered' }: GapOptions): Promise<Span[]> {
    return (await this.lacking({ [strength]: { since, until } }))[strength]
  }

  /**
   * As {@link gaps}, of both strengths at once, each in a span of its own.
   *
   * @internal
   */
  async lacking(wanted: Wanted): Promise<Record<Strength, Span[]>> {
    for (const span of [wanted.covered, wanted.confirmed]) if (span) checkSpan(this.subject, span)
    const { covered, confirmed } = await this.db.query((connection) => findGaps(connection, this.series, wanted))
    return { covered: covered.reverse(), confirmed: confirmed.reverse() }
  }

  /** What vouches for the series; all empty when nothing was saved. */
  async coverage(): Promise<Coverage> {
    const [found] = await this.db.select((orm) => selectSeries(orm, this.series))
    const { covered = [], confirmed = [], built = [], unavailable = [] } = found ?? {}
    return { covered, confirmed, built, unavailable }
  }

  /** Notes that the exchange has proved it cannot serve `span`: it is no gap any more. What is stored stays. */
  async markUnavailable(span: Span, reason: string): Promise<void> {
    checkSpan(this.subject, span)
    await this.db.write({}, async (connection) => {
      await markUnavailable(connection, await lockSeries(connection, this.series), { ...span, reason })
    })
  }

  /** The marks of what cannot be had that touch `span`, ascending; marks of different reasons may overlap. */
  async unavailable(span: Span): Promise<Unavailable[]> {
    checkSpan(this.subject, span)
    return this.db.query((connection) => readUnavailable(connection, this.series, span))
  }

  /** Forgets every such mark: what is not covered there is a gap again. */
  async clearUnavailable(): Promise<void> {
    await this.db.query((connection) => clearUnavailable(connection, this.series))
  }

  getOldestTimestamp(): Promise<EpochMs | undefined> {
    return this.#edge('oldest')
  }

  getLatestTimestamp(): Promise<EpochMs | undefined> {
    return this.#edge('newest')
  }

  #edge(from: Edge): Promise<EpochMs | undefined> {
    return this.db.query(async (connection) => {
      const bounds = await findBounds(connection, this.series, {})
      return bounds && readEdge(connection, this.#table, bounds, from)
    })
  }
}

import {
  clipSpans,
  type EpochMs,
  intersectSpans,
  type Page,
  type Series,
  type Span,
  subtractSpans,
  unionSpans,
} from '@fullon/market'
import { isDuplicate } from './errors.js'
import { type MergeChunk, mergeRows, type SaveResult } from './merge-rows.js'
import { type SeriesRows, undoCopy } from './sql/copy-rows.js'
import { extendCoverage } from './sql/extend-coverage.js'
import { extendCoverages } from './sql/extend-coverages.js'
import { lockSpans } from './sql/lock-series.js'
import { markUnavailable } from './sql/mark-unavailable.js'
import type { Queryable } from './sql/queryable.js'
import type { CoverageSpans } from './sql/read-spans.js'

/**
 * Rows and what vouches for them, in the caller's transaction.
 *
 * The confirmed part of the page replaces what is stored there. The rest adds and corrects, deletes only candles that
 * were built from trades, and changes nothing inside what was confirmed before.
 */
export async function savePage<Row extends { readonly timestamp: EpochMs }>(
  connection: Queryable,
  series: Series,
  page: Page<Row>,
  table: RowTable<Row>,
): Promise<SaveResult> {
  if (!page.covered && !page.unavailable) return NOTHING
  const { covered: window, unavailable } = page
  const { seriesId, stored } = await lockSpans(connection, series, window ?? NOWHERE)
  if (unavailable) await markUnavailable(connection, seriesId, unavailable)
  if (!window) return NOTHING
  const added = stored.covered.length === 0 && (await addPages(connection, [{ seriesId, window, page }], table))
  return added ? resultOf(page) : mergePage(connection, { seriesId, window, page, stored }, table)
}

/** The two ways into a table. */
export interface RowTable<Row> {
  /** Rows that are not there yet. */
  readonly copy: (connection: Queryable, series: readonly SeriesRows<Row>[]) => Promise<void>
  readonly merge: MergeChunk<Row>
}

/** A page of a series that is locked. */
export interface LockedPage<Row> {
  readonly seriesId: number
  /** What the page covers. */
  readonly window: Span
  readonly page: Page<Row>
}

/**
 * Saves pages of spans that nothing vouches for, and so without a row: there is nothing to compare them with.
 *
 * @returns false when there were rows all the same; nothing is done then.
 */
export async function addPages<Row>(
  connection: Queryable,
  pages: readonly LockedPage<Row>[],
  table: RowTable<Row>,
): Promise<boolean> {
  const filled = pages.filter(({ page }) => page.rows.length > 0)
  if (filled.length > 0) {
    try {
      await table.copy(
        connection,
        filled.map(({ seriesId, page }) => ({ seriesId, rows: page.rows })),
      )
    } catch (error) {
      if (!isDuplicate(error)) throw error
      await undoCopy(connection)
      return false
    }
  }
  await extendCoverages(
    connection,
    pages.map(({ seriesId, window, page: { confirmedUntil = window.since } }) => {
      return { seriesId, window, confirmedUntil: Math.min(Math.max(confirmedUntil, window.since), window.until) }
    }),
  )
  return true
}

/** Of a page of which every row is new. */
export function resultOf({ rows }: Pick<Page<unknown>, 'rows'>): SaveResult {
  return { ...NOTHING, inserted: rows.length }
}

export async function mergePage<Row extends { readonly timestamp: EpochMs }>(
  connection: Queryable,
  { seriesId, window, page, stored }: LockedPage<Row> & { readonly stored: CoverageSpans },
  table: RowTable<Row>,
): Promise<SaveResult> {
  const { confirmed, writable, replaced } = claimsOf(page, window, stored)
  const rows = rowsWithin(page.rows, writable)
  const result = await mergeRows(connection, seriesId, { rows, window, replaced }, table.merge)
  await extendCoverage(connection, seriesId, { covered: [window], confirmed, unbuilt: writable })
  return { ...result, refused: page.rows.length - rows.length }
}

const NOWHERE: Span = { since: 0, until: 0 }
const NOTHING: SaveResult = { inserted: 0, corrected: 0, deleted: 0, unchanged: 0, refused: 0 }

interface Claims {
  /** Final from now on. */
  readonly confirmed: Span[]
  /** Where rows of the page are applied; it is the exchange's own from now on. */
  readonly writable: Span[]
  /** Where stored rows that the page does not have are deleted. */
  readonly replaced: Span[]
}

/** What a page that covers `window` may do to what is stored there. */
function claimsOf({ confirmedUntil }: Page<unknown>, window: Span, stored: CoverageSpans): Claims {
  const confirmed = confirmedUntil === undefined ? [] : clipSpans([window], { ...window, until: confirmedUntil })
  const writable = unionSpans(confirmed, subtractSpans([window], stored.confirmed))
  return { confirmed, writable, replaced: unionSpans(confirmed, intersectSpans(stored.built, writable)) }
}

/** Of ascending `rows` those inside ascending `spans`. */
function rowsWithin<Row extends { readonly timestamp: EpochMs }>(rows: readonly Row[], spans: readonly Span[]): Row[] {
  let index = 0
  return rows.filter(({ timestamp }) => {
    while ((spans[index]?.until ?? Number.POSITIVE_INFINITY) <= timestamp) index++
    return timestamp >= (spans[index]?.since ?? Number.POSITIVE_INFINITY)
  })
}

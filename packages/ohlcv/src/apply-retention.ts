import {
  ceilToTimeframe,
  clipSpans,
  type EpochMs,
  floorToTimeframe,
  intersectSpans,
  type Series,
  type Span,
  subtractSpans,
  timeframeMs,
  wholeIntervals,
} from '@fullon/market'
import { OhlcvError } from './errors.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { BATCH, dropPartition, listPartitions, type PartitionedTable, weekOf, weeksOf } from './partitions.js'
import { deleteRows } from './sql/delete-rows.js'
import { findGaps } from './sql/find-gaps.js'
import { forgetCoverage } from './sql/forget-coverage.js'
import { STORABLE } from './sql/literals.js'
import { type LockedSeries, lockAllSeries, selectAllSeries } from './sql/lock-all-series.js'
import type { Queryable } from './sql/queryable.js'
import { sql } from './sql/sql.js'
import { droppedBefore } from './wanted-since.js'

export interface RetentionOptions {
  readonly kind: PartitionedTable
  readonly now: EpochMs
  /** How long rows are kept, milliseconds; of each series, undefined for ever. */
  readonly keepMs: number | ((series: Series) => number | undefined)
  /** Ends it in the middle of a step, which is then as it was. */
  readonly signal?: AbortSignal | undefined
}

export interface RetentionResult {
  /** Whole weeks dropped. */
  readonly partitions: number
  /** Rows deleted one by one: of the week in which the limit falls, and of series that are kept less long than others. */
  readonly rows: number
}

/**
 * Drops what is older than `keepMs` by more than an hour, together with the coverage that vouches for it. Weeks in which
 * no series keeps anything are dropped whole. What `wantedSince` gives for the same `keepMs` never asks for it again.
 * Trades go by whole candles of their symbol, and stay where they are being fetched for a candle that is lacking.
 *
 * @throws OhlcvError `CONFLICT`, which is transient, while long reads are in the way; nothing is half done then.
 * `UNAVAILABLE` when `signal` aborts.
 */
export async function applyRetention(db: OhlcvDatabase, options: RetentionOptions): Promise<RetentionResult> {
  const { kind, signal } = options
  let [partitions, rows] = [0, 0]
  for (let dropped = BATCH; dropped === BATCH; partitions += dropped) {
    // Looked at without a lock: weeks are due once a week, and writers would wait each time.
    const due = await db.query(async (connection) =>
      findWeeks(connection, await listHoldings(connection, options), kind),
    )
    if (due.length === 0) break
    dropped = await db.write({}, (connection) => dropWeeks(connection, options), signal)
    db.forgetPartitions()
  }
  for (const { seriesId, dropped } of await db.query((connection) => listHoldings(connection, options))) {
    for (const week of weeksOf(dropped)) {
      const run = (connection: Queryable) => deleteOld(connection, kind, seriesId, clipSpans(dropped, week))
      rows += await db.write({}, run, signal) // each on its own, so that no transaction is long
    }
  }
  return { partitions, rows }
}

/** A series, and what of its coverage goes and stays. */
interface Holding extends LockedSeries {
  readonly limit: EpochMs
  readonly dropped: readonly Span[]
  readonly kept: readonly Span[]
}

async function listHoldings(
  connection: Queryable,
  { kind, now, keepMs }: RetentionOptions,
  list = selectAllSeries,
): Promise<Holding[]> {
  const limitOf = (series: Series, timeframe = series.timeframe): EpochMs => {
    const keptMs = typeof keepMs === 'number' ? keepMs : keepMs(series)
    return keptMs === undefined ? 0 : droppedBefore(now, keptMs, timeframe ?? undefined)
  }
  const wantedSince = (candles: Series) => (typeof keepMs === 'number' ? 0 : limitOf(candles))
  const holdings: Holding[] = []
  for (const one of await list(connection, kind)) {
    const limit = limitOf(one, one.timeframe ?? one.siblings.toSorted((a, b) => timeframeMs(b) - timeframeMs(a))[0])
    const old = clipSpans(one.covered, { since: STORABLE.since, until: limit })
    const dropped = subtractSpans(old, await findNeeded(connection, one, old, wantedSince))
    holdings.push({ ...one, limit, dropped, kept: subtractSpans(one.covered, dropped) })
  }
  return holdings
}

/**
 * Old trades of intervals that coverage holds in part, while the candle is lacking: the rest is being fetched for it.
 * Dropped, they would be fetched again, and for ever where an interval takes longer than it is to the next call.
 */
async function findNeeded(
  connection: Queryable,
  { exchange, symbol, sandbox = false, timeframe: own, siblings, covered }: LockedSeries,
  old: readonly Span[],
  wantedSince: (candles: Series) => EpochMs,
): Promise<Span[]> {
  const needed: Span[] = []
  for (const timeframe of own === null ? siblings : []) {
    const partial = subtractSpans(old, wholeIntervals(covered, timeframe))
    const [first, last] = [partial[0], partial.at(-1)]
    if (!first || !last) continue
    const candles = { exchange, symbol, sandbox, timeframe }
    const until = ceilToTimeframe(last.until, timeframe)
    const since = Math.min(Math.max(floorToTimeframe(first.since, timeframe), wantedSince(candles)), until)
    const gaps = (await findGaps(connection, candles, { confirmed: { since, until } })).confirmed
    needed.push(...intersectSpans(partial, wholeIntervals(gaps, timeframe)))
  }
  return needed
}

/** Some weeks that no series keeps anything of. */
async function findWeeks(
  connection: Queryable,
  holdings: readonly Holding[],
  table: PartitionedTable,
): Promise<Span[]> {
  const newest = Math.max(0, ...holdings.map(({ limit }) => limit))
  return Array.from(await listPartitions(connection, table), (name) => weekOf(table, name))
    .filter((week) => week !== undefined)
    .filter((week) => week.until <= newest && !holdings.some(({ kept }) => clipSpans(kept, week).length > 0))
    .slice(0, BATCH)
}

/** @returns how many. */
async function dropWeeks(connection: Queryable, options: RetentionOptions): Promise<number> {
  const { kind: table } = options
  await connection.query("set local lock_timeout = '2s'") // every writer waits meanwhile
  const holdings = await listHoldings(connection, options, lockAllSeries)
  const weeks = await findWeeks(connection, holdings, table)
  for (const { since } of weeks) await connection.query(dropPartition(table, since))
  const ids = holdings.map(({ seriesId }) => seriesId)
  if (weeks.length > 0) await forgetCoverage(connection, ids, weeks)
  await refuseNewcomers(connection, table, { known: holdings, weeks })
  return weeks.length
}

/**
 * A series that was made meanwhile may have saved rows of these weeks, as nobody waited for it: now that they are
 * locked it is seen.
 *
 * @throws OhlcvError `CONFLICT`, so that its rows stay.
 */
async function refuseNewcomers(
  connection: Queryable,
  table: PartitionedTable,
  { known, weeks }: { known: readonly LockedSeries[]; weeks: readonly Span[] },
): Promise<void> {
  const ids = new Set(known.map(({ seriesId }) => seriesId))
  const newcomers = (await selectAllSeries(connection, table)).filter(({ seriesId }) => !ids.has(seriesId))
  if (!newcomers.some(({ covered }) => intersectSpans(covered, weeks).length > 0)) return
  throw new OhlcvError('CONFLICT', `${table}: expected no new series in weeks that are dropped, got one (try again)`)
}

async function deleteOld(
  connection: Queryable,
  table: PartitionedTable,
  seriesId: number,
  spans: readonly Span[],
): Promise<number> {
  await connection.query(sql`select from ohlcv.coverage where series_id = ${seriesId} for update`)
  let deleted = 0
  for (const span of spans) deleted += await deleteRows(connection, table, { seriesId, ...span })
  await forgetCoverage(connection, [seriesId], spans)
  return deleted
}

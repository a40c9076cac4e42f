import { clipSpans, type EpochMs, intersectSpans, type Series, type Span } from '@fullon/market'
import { OhlcvError } from './errors.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { BATCH, dropPartition, listPartitions, type PartitionedTable, weekOf, weeksOf } from './partitions.js'
import { deleteRows } from './sql/delete-rows.js'
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
 *
 * @throws OhlcvError `CONFLICT`, which is transient, while long reads are in the way; nothing is half done then.
 * `UNAVAILABLE` when `signal` aborts.
 */
export async function applyRetention(
  db: OhlcvDatabase,
  { kind, now, keepMs, signal }: RetentionOptions,
): Promise<RetentionResult> {
  const limitOf = (series: Series): EpochMs => {
    const keptMs = typeof keepMs === 'number' ? keepMs : keepMs(series)
    return keptMs === undefined ? 0 : droppedBefore(now, keptMs, series.timeframe ?? undefined)
  }
  let partitions = 0
  for (let dropped = BATCH; dropped === BATCH; partitions += dropped) {
    dropped = await db.write({}, (connection) => dropWeeks(connection, kind, limitOf), signal)
    db.forgetPartitions()
  }
  let rows = 0
  const series = await db.write({}, (connection) => lockAllSeries(connection, kind), signal)
  for (const one of series) {
    const limit = limitOf(one)
    for (const { until } of weeksOf(clipSpans(one.covered, { since: STORABLE.since, until: limit }))) {
      rows += await deleteOld(db, kind, one, Math.min(until, limit), signal)
    }
  }
  return { partitions, rows }
}

/** Some weeks that no series keeps anything of; how many. */
async function dropWeeks(
  connection: Queryable,
  table: PartitionedTable,
  limitOf: (series: Series) => EpochMs,
): Promise<number> {
  await connection.query("set local lock_timeout = '2s'") // every writer waits meanwhile
  const series = await lockAllSeries(connection, table)
  const limits = series.map((one) => ({ ...one, limit: limitOf(one) }))
  const isKept = (week: Span) =>
    limits.some(({ limit, covered }) => limit < week.until && clipSpans(covered, week).length > 0)
  const newest = Math.max(0, ...limits.map(({ limit }) => limit))
  const weeks = Array.from(await listPartitions(connection, table), (name) => weekOf(table, name))
    .filter((week) => week !== undefined)
    .filter((week) => week.until <= newest && !isKept(week))
    .slice(0, BATCH)
  for (const { since } of weeks) await connection.query(dropPartition(table, since))
  if (weeks.length > 0) for (const { seriesId } of series) await forgetCoverage(connection, seriesId, weeks)
  await refuseNewcomers(connection, table, { known: series, weeks })
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

/** In a transaction of its own, so that none is long. */
function deleteOld(
  db: OhlcvDatabase,
  table: PartitionedTable,
  { seriesId }: LockedSeries,
  until: EpochMs,
  signal: AbortSignal | undefined,
): Promise<number> {
  const run = async (connection: Queryable) => {
    await connection.query(sql`select from ohlcv.coverage where series_id = ${seriesId} for update`)
    const deleted = await deleteRows(connection, table, { seriesId, since: STORABLE.since, until })
    await forgetCoverage(connection, seriesId, [{ since: STORABLE.since, until }])
    return deleted
  }
  return db.write({}, run, signal)
}

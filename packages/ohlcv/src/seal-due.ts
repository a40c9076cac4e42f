import type { EpochMs, Span } from '@fullon/market'
import type { Connection } from './connection.js'
import { isCancelled, OhlcvError } from './errors.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { listPartitions, type PartitionedTable, weekOf } from './partitions.js'
import { clusterPartition, vacuumPartition } from './sql/cluster-partition.js'
import { findUnsealed, type Unsealed } from './sql/find-unsealed.js'
import { noteChanges } from './sql/note-changes.js'
import { LOCKS, type Queryable } from './sql/queryable.js'
import { sql } from './sql/sql.js'

export interface SealOptions {
  readonly now: EpochMs
  /** How long ago a week must have ended, milliseconds. Default one day: its audits are over. */
  readonly afterMs?: number
  /**
   * For how long nothing must have been written to it, milliseconds: then no fill of it is under way. Seen by repeated
   * calls, so a first call seals nothing unless this is 0. Default ten minutes.
   */
  readonly quietMs?: number
  /** Weeks sealed by this call at most. Default: all that are due. */
  readonly limit?: number
  /** Ends it at once: the week that is being clustered stays as it was. */
  readonly signal?: AbortSignal | undefined
}

/** A weekly partition. */
export interface Week extends Span {
  readonly table: PartitionedTable
}

export interface SealResult {
  readonly sealed: readonly Week[]
  /** Somebody was reading or writing these, or cancelled it: later. */
  readonly busy: readonly Week[]
  /** Due, and not come to: beyond `limit`, after an abort, or because another process is sealing. */
  readonly left: readonly Week[]
}

const DAY_MS = 86_400_000
const QUIET_MS = 600_000
/** Nobody needs what a process that is gone has begun. */
const CLIENT_CHECK_MS = 1_000

/**
 * Seals the weeks that are past and quiet, oldest first: their rows are put on disk series by series, which makes reading
 * a range of one series from disk 6 to 8 times as fast with a million rows, and more with more. One that was sealed is
 * due again when a tenth of it has changed. Of processes that call this at once, one seals. A week cannot be read or
 * written while it is clustered, which takes seconds a million rows, and as long as it takes; others can.
 *
 * @throws OhlcvError when the database is not there.
 */
export function sealDue(db: OhlcvDatabase, options: SealOptions): Promise<SealResult> {
  const { now, afterMs = DAY_MS, quietMs = QUIET_MS } = options
  return db.query(async (connection) => {
    await noteChanges(connection, now)
    const due = await findDue(connection, now - afterMs, now - quietMs)
    if (due.length === 0 || !(await tryLock(connection))) return resultOf([], [], due)
    try {
      await allowLong(connection)
      // Another process may have been sealing until a moment ago.
      return await sealAll(connection, await findDue(connection, now - afterMs, now - quietMs), options)
    } finally {
      await giveBack(connection).catch(() => {}) // lost, and all of it with it
    }
  })
}

interface DueWeek extends Unsealed {
  readonly week: Week
}

async function findDue(connection: Queryable, endedBy: EpochMs, quietSince: EpochMs): Promise<DueWeek[]> {
  const due: DueWeek[] = []
  for (const unsealed of await findUnsealed(connection, quietSince)) {
    const table = unsealed.partition.startsWith('trades') ? 'trades' : 'candles'
    const span = weekOf(table, unsealed.partition)
    if (span && span.until <= endedBy) due.push({ ...unsealed, week: { table, ...span } })
  }
  return due
}

async function tryLock(connection: Queryable): Promise<boolean> {
  const [row] = await connection.query<{ taken: boolean }>(sql`
    select pg_try_advisory_lock(${LOCKS.space}, ${LOCKS.sealing}) as taken`)
  return row?.taken ?? false
}

async function allowLong(connection: Queryable): Promise<void> {
  await connection.query('set statement_timeout = 0')
  // Not every system can; there it is noticed when the statement ends.
  await connection.query(`set client_connection_check_interval = ${CLIENT_CHECK_MS}`).catch(() => {})
}

async function giveBack(connection: Queryable): Promise<void> {
  await connection.query('reset statement_timeout; reset client_connection_check_interval')
  await connection.query(sql`select pg_advisory_unlock(${LOCKS.space}, ${LOCKS.sealing})`)
}

interface Outcomes {
  readonly sealed: DueWeek[]
  readonly busy: DueWeek[]
  /** Retention dropped them meanwhile. */
  readonly gone: DueWeek[]
}

async function sealAll(
  connection: Connection,
  due: readonly DueWeek[],
  { limit = Number.POSITIVE_INFINITY, signal }: SealOptions,
): Promise<SealResult> {
  const outcomes: Outcomes = { sealed: [], busy: [], gone: [] }
  const left = [...due]
  const onAbort = () => connection.break(new Error('told to stop'))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (let next = left[0]; next && outcomes.sealed.length < limit && !signal?.aborted; next = left[0]) {
      outcomes[await seal(connection, next)].push(next)
      left.shift()
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
  return resultOf(outcomes.sealed, outcomes.busy, left)
}

async function seal(connection: Queryable, due: DueWeek): Promise<keyof Outcomes> {
  try {
    await clusterPartition(connection, due)
    await vacuumPartition(connection, due)
    return 'sealed'
  } catch (error) {
    if (isCancelled(error) || (error instanceof OhlcvError && error.code === 'CONFLICT')) return 'busy'
    if (error instanceof OhlcvError && error.code === 'UNAVAILABLE') throw error
    if ((await listPartitions(connection, due.week.table)).has(due.partition)) throw error
    return 'gone'
  }
}

function resultOf(sealed: readonly DueWeek[], busy: readonly DueWeek[], left: readonly DueWeek[]): SealResult {
  const weeks = (all: readonly DueWeek[]) => all.map(({ week }) => week)
  return { sealed: weeks(sealed), busy: weeks(busy), left: weeks(left) }
}

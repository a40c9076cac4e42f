import type { Unsealed } from './find-unsealed.js'
import type { Queryable } from './queryable.js'
import { inlined, sql } from './sql.js'

// While CLUSTER waits for its lock, whoever comes to that week after it waits, too.
const LOCK_TIMEOUT_MS = 200
/** Far beyond the largest week: one that is given up would be tried again for ever. */
const LONG = { timeoutMs: 6 * 3_600_000 }

/**
 * Puts the rows of one partition on disk in the order of its primary key, so that one series lies together: 100,000
 * rows of one among 200 then lie in 1,400 pages and not in 100,000. That it is done is noted in the same transaction.
 *
 * Nobody reads or writes that week for as long as it takes; all others are free. The session's statements must be
 * allowed to take long.
 *
 * @throws OhlcvError `CONFLICT` when somebody is reading or writing it.
 */
export async function clusterPartition(connection: Queryable, { partition, changes }: Unsealed): Promise<void> {
  const note = inlined(sql`update ohlcv.seals set sealed_changes = ${changes} where partition = ${partition}`)
  // One text, one transaction.
  const statements = [
    `set local lock_timeout = ${LOCK_TIMEOUT_MS}`,
    `cluster ohlcv.${partition} using ${partition}_pkey`,
    'set local lock_timeout = 0', // not all in vain for somebody who looks
    note,
  ]
  await connection.query(statements.join(';'), LONG)
}

/** Marks its pages as visible to all, holding up nobody; it is left to the server's own vacuum where that is at work. */
export async function vacuumPartition(connection: Queryable, { partition }: Unsealed): Promise<void> {
  await connection.query(`vacuum (analyze, skip_locked) ohlcv.${partition}`, LONG)
}

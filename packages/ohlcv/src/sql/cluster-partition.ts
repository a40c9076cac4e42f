import type { Unsealed } from './find-unsealed.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

// While CLUSTER waits for its lock, whoever comes to that week after it waits, too.
const LOCK_TIMEOUT_MS = 200

/**
 * Puts the rows of one partition on disk in the order of its primary key, so that one series lies together: 100,000
 * rows of one among 200 then lie in 1,400 pages and not in 100,000.
 *
 * Nobody reads or writes that week for as long as it takes; all others are free. Vacuum then marks its pages as visible
 * to all, holding up nobody; it is left to the server's own where that is at work on it.
 *
 * @throws OhlcvError `CONFLICT` when somebody is reading or writing it.
 */
export async function clusterPartition(connection: Queryable, { partition, changes }: Unsealed): Promise<void> {
  const name = `ohlcv.${partition}`
  // One text, one transaction.
  await connection.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}; cluster ${name} using ${partition}_pkey`)
  await connection.query(`vacuum (analyze, skip_locked) ${name}`)
  await connection.query(sql`update ohlcv.seals set sealed_changes = ${changes} where partition = ${partition}`)
}

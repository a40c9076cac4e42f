import type { EpochMs } from '@fullon/market'
import { formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export interface Unsealed {
  readonly partition: string
  /** As of the last look. */
  readonly changes: number
}

/** A tenth of a week's rows out of order costs a read of it about as much as the rest together. */
const CHANGED_SHARE = 0.1

/**
 * Partitions that were never sealed or changed much since, and not after `quietSince`; oldest first. The server counts
 * from zero again when it has crashed or the partition was made again: then all of it counts as changed.
 */
export async function findUnsealed(connection: Queryable, quietSince: EpochMs): Promise<Unsealed[]> {
  return connection.query<Unsealed>(sql`
    select partition, changes::float8
    from ohlcv.seals join pg_class on oid = to_regclass('ohlcv.' || partition)
    where changed_at <= ${formatTime(quietSince)}::timestamptz
      and (sealed_changes is null
        or changes - case when changes >= sealed_changes then sealed_changes else 0 end
          > ${CHANGED_SHARE}::float8 * greatest(reltuples, 1))
    order by right(partition, 10), partition`)
}

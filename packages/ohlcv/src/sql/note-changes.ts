import type { EpochMs } from '@fullon/market'
import { formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** Notes which partitions were written to since the last look, as of the server's own count, which lags by seconds. */
export async function noteChanges(connection: Queryable, now: EpochMs): Promise<void> {
  await connection.query(sql`
    with counted as (
      select relname as partition, n_tup_ins + n_tup_upd + n_tup_del as changes
      from pg_inherits join pg_stat_user_tables on relid = inhrelid
      where inhparent in ('ohlcv.candles'::regclass, 'ohlcv.trades'::regclass)
    ), dropped as (
      delete from ohlcv.seals where partition not in (select partition from counted)
    )
    insert into ohlcv.seals (partition, changes, changed_at)
    select partition, changes, ${formatTime(now)}::timestamptz from counted
    on conflict (partition) do update set changes = excluded.changes, changed_at = excluded.changed_at
    where seals.changes <> excluded.changes`)
}

import type { SeriesBounds } from './find-bounds.js'
import { formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { raw, sql } from './sql.js'

/** @returns how many there were. */
export async function deleteRows(
  connection: Queryable,
  table: 'candles' | 'trades',
  { seriesId, since, until }: SeriesBounds,
): Promise<number> {
  const [deleted] = await connection.query<{ count: number }>(sql`
    with deleted as (
      delete from ${raw(`ohlcv.${table}`)} where series_id = ${seriesId}
        and "timestamp" >= ${formatTime(since)}::timestamptz and "timestamp" < ${formatTime(until)}::timestamptz
      returning 1
    ) select count(*)::float8 as count from deleted`)
  return deleted?.count ?? 0
}

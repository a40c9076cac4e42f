import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** Of each series that has any. */
export async function countRows(connection: Queryable): Promise<Map<number, number>> {
  const counts = await connection.query<{ seriesId: number; count: number }>(sql`
    select series_id as "seriesId", count(*)::float8 as count from ohlcv.candles group by series_id
    union all
    select series_id, count(*)::float8 from ohlcv.trades group by series_id`)
  return new Map(counts.map(({ seriesId, count }) => [seriesId, count]))
}

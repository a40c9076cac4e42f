import type { Series, Span } from '@fullon/market'
import { isSeries } from './lock-series.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export interface SeriesBounds extends Span {
  readonly seriesId: number
}

/**
 * A series and the outer bounds of what it covers, inside `range`. Rows lie inside coverage, so a read with these
 * bounds plans and locks no other partitions. Undefined where there can be no row.
 */
export async function findBounds(connection: Queryable, series: Series, range: Partial<Span>) {
  const [row] = await connection.query<SeriesBounds>(sql`
    select series_id as "seriesId",
      round(date_part('epoch', lower(covered)) * 1000) as since, round(date_part('epoch', upper(covered)) * 1000) as until
    from ohlcv.series join ohlcv.coverage using (series_id)
    where ${isSeries(series)} and not isempty(covered)`)
  if (!row) return undefined
  const since = Math.max(row.since, range.since ?? row.since)
  const until = Math.min(row.until, range.until ?? row.until)
  return since < until ? { seriesId: row.seriesId, since, until } : undefined
}

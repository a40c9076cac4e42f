import type { Series } from '@fullon/market'
import type { StoredSource } from './find-sources.js'
import { parseSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export type LockedSeries = Series & StoredSource

/** Every series of a kind, with its coverage row locked: nobody writes rows of that kind until the transaction ends. */
export async function lockAllSeries(connection: Queryable, table: 'candles' | 'trades'): Promise<LockedSeries[]> {
  const rows = await connection.query<Omit<LockedSeries, 'covered'> & { covered: string }>(sql`
    select series_id as "seriesId", exchange, symbol, sandbox, timeframe, covered::text
    from ohlcv.series join ohlcv.coverage using (series_id)
    where (timeframe is null) = ${table === 'trades'} order by series_id for update of coverage`)
  return rows.map((row) => ({ ...row, covered: parseSpans(row.covered) }))
}

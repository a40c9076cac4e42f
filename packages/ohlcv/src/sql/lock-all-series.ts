import type { Series, Timeframe } from '@fullon/market'
import type { StoredSource } from './find-sources.js'
import { parseSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { type Sql, sql } from './sql.js'

export type LockedSeries = Series &
  StoredSource & {
    /** Timeframes of the candles there are of the same symbol. */
    readonly siblings: readonly Timeframe[]
  }

/** Every series of a kind, with its coverage row locked: nobody writes rows of those until the transaction ends. */
export function lockAllSeries(connection: Queryable, table: 'candles' | 'trades'): Promise<LockedSeries[]> {
  return selectFrom(connection, table, sql` for update of coverage`)
}

/** As {@link lockAllSeries}, waiting for nobody. */
export function selectAllSeries(connection: Queryable, table: 'candles' | 'trades'): Promise<LockedSeries[]> {
  return selectFrom(connection, table, sql``)
}

async function selectFrom(connection: Queryable, table: 'candles' | 'trades', lock: Sql): Promise<LockedSeries[]> {
  const rows = await connection.query<Omit<LockedSeries, 'covered'> & { covered: string }>(sql`
    select series_id as "seriesId", exchange, symbol, sandbox, timeframe, covered::text, array(
      select candles.timeframe from ohlcv.series as candles
      where candles.exchange = series.exchange and candles.symbol = series.symbol
        and candles.sandbox = series.sandbox and candles.timeframe is not null
    ) as siblings
    from ohlcv.series join ohlcv.coverage using (series_id)
    where (timeframe is null) = ${table === 'trades'} order by series_id${lock}`)
  return rows.map((row) => ({ ...row, covered: parseSpans(row.covered) }))
}

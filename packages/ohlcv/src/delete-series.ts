import type { Series } from '@fullon/market'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { keepSeries } from './sql/lock-series.js'
import { raw, sql } from './sql/sql.js'

/**
 * Forgets a series: its rows, what vouches for them and what cannot be had. Trades and the candles built from them are
 * series of their own.
 *
 * @returns how many rows were deleted; 0 also when there was no such series.
 */
export function deleteSeries(db: OhlcvDatabase, series: Series): Promise<number> {
  const table = raw(series.timeframe ? 'ohlcv.candles' : 'ohlcv.trades')
  return db.write({}, async (connection) => {
    const seriesId = await keepSeries(connection, series)
    if (seriesId === undefined) return 0
    await connection.query(sql`select from ohlcv.coverage where series_id = ${seriesId} for update`)
    const [deleted] = await connection.query<{ count: number }>(sql`
      with deleted as (delete from ${table} where series_id = ${seriesId} returning 1)
      select count(*)::float8 as count from deleted`)
    await connection.query(sql`delete from ohlcv.series where series_id = ${seriesId}`) // and what refers to it
    return deleted?.count ?? 0
  })
}

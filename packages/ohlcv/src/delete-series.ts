import type { Series } from '@fullon/market'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { weeksOf } from './partitions.js'
import { deleteRows } from './sql/delete-rows.js'
import { STORABLE } from './sql/literals.js'
import { keepSeries } from './sql/lock-series.js'
import { readSpans } from './sql/read-spans.js'
import { sql } from './sql/sql.js'

/**
 * Forgets a series: its rows, what vouches for them and what cannot be had. Trades and the candles built from them are
 * series of their own.
 *
 * @returns how many rows were deleted; 0 also when there was no such series.
 */
export function deleteSeries(db: OhlcvDatabase, series: Series): Promise<number> {
  const table = series.timeframe ? 'candles' : 'trades'
  return db.write({}, async (connection) => {
    const seriesId = await keepSeries(connection, series)
    if (seriesId === undefined) return 0
    await connection.query(sql`select from ohlcv.coverage where series_id = ${seriesId} for update`)
    const { covered } = await readSpans(connection, seriesId, STORABLE)
    let rows = 0
    // Week by week: a statement for the rows of years would take too long.
    for (const week of weeksOf(covered)) rows += await deleteRows(connection, table, { seriesId, ...week })
    await connection.query(sql`delete from ohlcv.series where series_id = ${seriesId}`) // and what refers to it
    return rows
  })
}

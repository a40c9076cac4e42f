import type { Series } from '@fullon/market'
import { int4Array, textArray } from './arrays.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** Of the candle series that are known: their ids by their index. */
export async function findSeriesIds(connection: Queryable, series: readonly Series[]): Promise<Map<number, number>> {
  const texts = (textOf: (series: Series) => string) => textArray(series, textOf)
  const rows = await connection.query<{ index: number; seriesId: number }>(sql`
    select index, series_id as "seriesId"
    from (
      select index, exchange, symbol, sandbox::boolean, timeframe
      from unnest(
        ${int4Array(series, (_, index) => index)}::int[],
        ${texts(({ exchange }) => exchange)}::text[],
        ${texts(({ symbol }) => symbol)}::text[],
        ${texts(({ sandbox }) => String(sandbox ?? false))}::text[],
        ${texts(({ timeframe }) => timeframe ?? '')}::text[]
      ) as wanted (index, exchange, symbol, sandbox, timeframe)
    ) as wanted
    join ohlcv.series using (exchange, symbol, sandbox, timeframe)`)
  return new Map(rows.map(({ index, seriesId }) => [index, seriesId]))
}

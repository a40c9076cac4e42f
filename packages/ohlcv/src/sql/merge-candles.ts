import type { Candle } from '@fullon/market'
import type { Chunk, MergeCounts } from '../merge-rows.js'
import { formatNumbers, formatSpans, formatTime, formatTimes } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/**
 * Makes the stored candles of `chunk.window` those of the chunk: its rows are inserted or corrected, and stored ones
 * inside `chunk.replaced` that it does not have are deleted. An identical row is left alone.
 *
 * `not in` is used because Postgres always hashes it; a join may be planned as a nested loop over a partition whose
 * statistics are not there yet. All parts see the table as it was before the statement.
 */
export async function mergeCandles(
  connection: Queryable,
  seriesId: number,
  chunk: Chunk<Candle>,
): Promise<MergeCounts> {
  const { rows, window, replaced } = chunk
  const inWindow = sql`series_id = ${seriesId}
    and "timestamp" >= ${formatTime(window.since)}::timestamptz and "timestamp" < ${formatTime(window.until)}::timestamptz`
  const [counts] = await connection.query<MergeCounts>(sql`
    with page as materialized (
      select * from unnest(
        ${formatTimes(rows.map((row) => row.timestamp))}::timestamptz[],
        ${formatNumbers(rows.map((row) => row.open))}::float8[],
        ${formatNumbers(rows.map((row) => row.high))}::float8[],
        ${formatNumbers(rows.map((row) => row.low))}::float8[],
        ${formatNumbers(rows.map((row) => row.close))}::float8[],
        ${formatNumbers(rows.map((row) => row.volume))}::float8[]
      ) as page ("timestamp", open, high, low, close, volume)
    ), known as (
      select count(*) - count(*) filter (where "timestamp" not in (select "timestamp" from page)) as count
      from ohlcv.candles where ${inWindow}
    ), deleted as (
      delete from ohlcv.candles
      where ${inWindow} and ${formatSpans(replaced)}::tstzmultirange @> "timestamp"
        and "timestamp" not in (select "timestamp" from page)
      returning 1
    ), written as (
      insert into ohlcv.candles as stored
      select ${seriesId}::int, page.* from page
      on conflict (series_id, "timestamp") do update
      set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume
      where (stored.open, stored.high, stored.low, stored.close, stored.volume)
        is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
      returning 1
    )
    select known.count::float8 as known, (select count(*) from deleted)::float8 as deleted,
      (select count(*) from written)::float8 as written
    from known`)
  return counts ?? { known: 0, deleted: 0, written: 0 }
}

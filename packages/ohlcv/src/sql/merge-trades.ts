import type { Trade } from '@fullon/market'
import type { Chunk, MergeCounts } from '../merge-rows.js'
import { float8Array, textArray, timeArray } from './arrays.js'
import { formatSpans, formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** As {@link mergeCandles}, for trades. */
export async function mergeTrades(connection: Queryable, seriesId: number, chunk: Chunk<Trade>): Promise<MergeCounts> {
  const { rows, window, replaced } = chunk
  const inWindow = sql`series_id = ${seriesId}
    and "timestamp" >= ${formatTime(window.since)}::timestamptz and "timestamp" < ${formatTime(window.until)}::timestamptz`
  const [counts] = await connection.query<MergeCounts>(sql`
    with page as materialized (
      select * from unnest(
        ${timeArray(rows, (row) => row.timestamp)}::timestamptz[],
        ${textArray(rows, (row) => row.id)}::text[],
        ${textArray(rows, (row) => row.side)}::text[],
        ${float8Array(rows, (row) => row.price)}::float8[],
        ${float8Array(rows, (row) => row.amount)}::float8[]
      ) as page ("timestamp", trade_id, side, price, amount)
    ), stored as materialized (
      select "timestamp", trade_id, ("timestamp", trade_id) in (select "timestamp", trade_id from page) as is_known,
        ("timestamp", trade_id, side, price, amount) in (select * from page) as is_same
      from ohlcv.trades where ${inWindow}
    ), deleted as (
      delete from ohlcv.trades
      where (select bool_or(not is_known) from stored)
        and ${inWindow} and ${formatSpans(replaced)}::tstzmultirange @> "timestamp"
        and ("timestamp", trade_id) not in (select "timestamp", trade_id from page)
      returning 1
    ), written as (
      insert into ohlcv.trades
      select ${seriesId}::int, page.* from page
      where ("timestamp", trade_id)
        not in (select "timestamp", trade_id from stored where is_same limit ${rows.length}::int)
      on conflict (series_id, "timestamp", trade_id) do update
      set side = excluded.side, price = excluded.price, amount = excluded.amount
      returning 1
    )
    select (select count(*) filter (where is_known) from stored)::float8 as known,
      (select count(*) from deleted)::float8 as deleted, (select count(*) from written)::float8 as written`)
  return counts ?? { known: 0, deleted: 0, written: 0 }
}

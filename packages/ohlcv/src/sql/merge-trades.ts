import type { Trade } from '@fullon/market'
import type { Chunk, MergeCounts } from '../merge-rows.js'
import { formatNumbers, formatSpans, formatTexts, formatTime, formatTimes } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** As {@link mergeCandles}, for trades. */
export async function mergeTrades(connection: Queryable, seriesId: number, chunk: Chunk<Trade>): Promise<MergeCounts> {
  const { rows, window, replaced } = chunk
  const inWindow = sql`series_id = ${seriesId}
    and "timestamp" >= ${formatTime(window.since)}::timestamptz and "timestamp" < ${formatTime(window.until)}::timestamptz`
  const notInPage = sql`("timestamp", trade_id) not in (select "timestamp", trade_id from page)`
  const [counts] = await connection.query<MergeCounts>(sql`
    with page as materialized (
      select * from unnest(
        ${formatTimes(rows.map((row) => row.timestamp))}::timestamptz[],
        ${formatTexts(rows.map((row) => row.id))}::text[],
        ${formatTexts(rows.map((row) => row.side))}::text[],
        ${formatNumbers(rows.map((row) => row.price))}::float8[],
        ${formatNumbers(rows.map((row) => row.amount))}::float8[]
      ) as page ("timestamp", trade_id, side, price, amount)
    ), known as (
      select count(*) - count(*) filter (where ${notInPage}) as count from ohlcv.trades where ${inWindow}
    ), deleted as (
      delete from ohlcv.trades
      where ${inWindow} and ${formatSpans(replaced)}::tstzmultirange @> "timestamp" and ${notInPage}
      returning 1
    ), written as (
      insert into ohlcv.trades as stored
      select ${seriesId}::int, page.* from page
      on conflict (series_id, "timestamp", trade_id) do update
      set side = excluded.side, price = excluded.price, amount = excluded.amount
      where (stored.side, stored.price, stored.amount) is distinct from (excluded.side, excluded.price, excluded.amount)
      returning 1
    )
    select known.count::float8 as known, (select count(*) from deleted)::float8 as deleted,
      (select count(*) from written)::float8 as written
    from known`)
  return counts ?? { known: 0, deleted: 0, written: 0 }
}

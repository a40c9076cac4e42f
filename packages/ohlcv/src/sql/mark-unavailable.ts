import type { Series, Span, Unavailable } from '@fullon/market'
import { formatSpan, parseSpans } from './literals.js'
import { isSeries } from './lock-series.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/**
 * Notes what cannot be had. Marks of the same reason that touch become one, so a limit that moves with time does not
 * leave a row for each look; what such a mark already says is not written again. The series' row must be locked.
 */
export async function markUnavailable(connection: Queryable, seriesId: number, { reason, ...span }: Unavailable) {
  const wanted = sql`${formatSpan(span)}::tstzrange`
  const sameReason = sql`series_id = ${seriesId} and reason = ${reason}`
  await connection.query(sql`
    with said as (
      select from ohlcv.unavailable where ${sameReason} and span @> ${wanted}
    ), merged as (
      delete from ohlcv.unavailable
      where ${sameReason} and (span && ${wanted} or span -|- ${wanted}) and not exists (select from said)
      returning span
    )
    insert into ohlcv.unavailable (series_id, span, reason)
    select ${seriesId}::int, range_merge(range_agg(span)), ${reason}::text
    from (select span from merged union all select ${wanted}) as spans
    where not exists (select from said)
    having count(*) > 0`)
}

export async function readUnavailable(connection: Queryable, series: Series, within: Span): Promise<Unavailable[]> {
  const marks = await connection.query<{ span: string; reason: string }>(sql`
    select span::text, reason from ohlcv.unavailable join ohlcv.series using (series_id)
    where ${isSeries(series)} and span && ${formatSpan(within)}::tstzrange
    order by span, reason`)
  return marks.flatMap(({ span, reason }) => parseSpans(span).map((one) => ({ ...one, reason })))
}

export async function clearUnavailable(connection: Queryable, series: Series): Promise<void> {
  await connection.query(sql`
    delete from ohlcv.unavailable
    where series_id = (select series_id from ohlcv.series where ${isSeries(series)})`)
}

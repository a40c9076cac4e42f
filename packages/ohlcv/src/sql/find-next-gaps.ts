import type { Series, Span } from '@fullon/market'
import { int4Array, textArray, timeArray } from './arrays.js'
import type { Strength } from './find-gaps.js'
import type { Queryable } from './queryable.js'
import { raw, sql } from './sql.js'

export interface WantedSpan {
  readonly series: Series
  readonly wanted: Span
}

interface FoundGap extends Span {
  readonly index: number
}

/**
 * The newest gap of each series that has one, by its index in `all`. One statement for all of them, and of each only
 * the two ends of that gap: writing out and parsing every gap took most of the time.
 */
export async function findNextGaps(
  connection: Queryable,
  all: readonly WantedSpan[],
  strength: Strength,
): Promise<Map<number, Span>> {
  const texts = (textOf: (series: Series) => string) => textArray(all.map(({ series }) => textOf(series)))
  const rows = await connection.query<FoundGap>(sql`
    with asked as materialized (
      select * from unnest(
        ${int4Array(all.map((_, index) => index))}::int[],
        ${texts(({ exchange }) => exchange)}::text[],
        ${texts(({ symbol }) => symbol)}::text[],
        ${texts(({ sandbox }) => String(sandbox ?? false))}::text[],
        ${texts(({ timeframe }) => timeframe ?? '')}::text[],
        ${timeArray(all.map(({ wanted }) => wanted.since))}::timestamptz[],
        ${timeArray(all.map(({ wanted }) => wanted.until))}::timestamptz[]
      ) as asked (index, exchange, symbol, sandbox, timeframe, since, until)
    ), marked as materialized (
      select series_id, range_agg(span) as spans from ohlcv.unavailable group by series_id
    ), answered as materialized (
      select index, since, until, case when spans is null then answers else answers + spans end as spans from (
        select index, since, until, series_id, coalesce(${raw(strength)}, '{}') as answers
        from asked
        left join ohlcv.series on series.exchange = asked.exchange and series.symbol = asked.symbol
          and series.sandbox = asked.sandbox::boolean and coalesce(series.timeframe, '') = asked.timeframe
        left join ohlcv.coverage using (series_id)
      ) as covered left join marked using (series_id)
    ), ended as materialized (
      select index, since, spans, upper(tstzmultirange(tstzrange(since, until)) - spans) as until from answered
    )
    select index, round(date_part('epoch', until) * 1000) as until,
      round(date_part('epoch', coalesce(upper(spans * tstzmultirange(tstzrange(since, until))), since)) * 1000) as since
    from ended where until is not null`)
  return new Map(rows.map(({ index, since, until }) => [index, { since, until }]))
}

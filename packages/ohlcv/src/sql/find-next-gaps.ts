import type { Series, Span } from '@fullon/market'
import { int4Array, textArray, timeArray } from './arrays.js'
import type { Strength } from './find-gaps.js'
import type { Queryable } from './queryable.js'
import { raw, type Sql, sql } from './sql.js'

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
 *
 * A sum with an empty multirange is the other one, unpacked: what follows then does not unpack a long one again each
 * time. The newest gap mostly follows all answers, which takes no look at them; else it ends in the first eighth, from
 * the end, that is not answered for whole: to look is cheap, while the time of a difference goes by the spans it meets.
 * For 1,000 series with 1,000 holes each: 0.15 of the time.
 */
export async function findNextGaps(
  connection: Queryable,
  all: readonly WantedSpan[],
  strength: Strength,
): Promise<Map<number, Span>> {
  const texts = (textOf: (series: Series) => string) => textArray(all, ({ series }) => textOf(series))
  const rows = await connection.query<FoundGap>(sql`
    with asked as materialized (
      select * from unnest(
        ${int4Array(all, (_, index) => index)}::int[],
        ${texts(({ exchange }) => exchange)}::text[],
        ${texts(({ symbol }) => symbol)}::text[],
        ${texts(({ sandbox }) => String(sandbox ?? false))}::text[],
        ${texts(({ timeframe }) => timeframe ?? '')}::text[],
        ${timeArray(all, ({ wanted }) => wanted.since)}::timestamptz[],
        ${timeArray(all, ({ wanted }) => wanted.until)}::timestamptz[]
      ) as asked (index, exchange, symbol, sandbox, timeframe, since, until)
    ), marked as materialized (
      select series_id, range_agg(span) as spans from ohlcv.unavailable group by series_id
    )
    select index, round(date_part('epoch', gap_end) * 1000) as until,
      round(date_part('epoch', case when answered_until < gap_end then greatest(since, answered_until)
        else coalesce(upper(answers * ${NEAR_GAP}), upper(answers * tstzmultirange(tstzrange(since, gap_end))), since)
        end) * 1000) as since
    from asked
    left join ohlcv.series on series.exchange = asked.exchange and series.symbol = asked.symbol
      and series.sandbox = asked.sandbox::boolean and coalesce(series.timeframe, '') = asked.timeframe
    left join ohlcv.coverage using (series_id)
    left join marked on marked.series_id = series.series_id
    cross join lateral (
      select coalesce(${raw(strength)}, '{}') + coalesce(marked.spans, '{}') as answers offset 0
    ) as answered
    cross join lateral (select coalesce(upper(answers), '-infinity') as answered_until offset 0) as edge
    cross join lateral (
      select case when answered_until < until then until else (
        select upper(tstzmultirange(tstzrange(${eighths('k')}, ${eighths('k - 1')})) - answers)
        from generate_series(1, 8) as k
        where not answers @> tstzrange(${eighths('k')}, until)
        limit 1
      ) end as gap_end offset 0
    ) as ended
    where since < until and gap_end is not null`)
  return new Map(rows.map(({ index, since, until }) => [index, { since, until }]))
}

/** So many of them before the end of what is wanted. */
function eighths(count: 'k' | 'k - 1'): Sql {
  return raw(`case when ${count} = 8 then since else until - (until - since) * (${count}) / 8 end`)
}

/** The last part of what is wanted before the gap's end. */
const NEAR_GAP = raw('tstzmultirange(tstzrange(greatest(since, gap_end - (until - since) / 64), gap_end))')

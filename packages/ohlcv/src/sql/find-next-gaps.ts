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
 *
 * A sum with an empty multirange is the other one, unpacked: what follows then does not unpack a long one again each
 * time. The newest gap mostly follows all answers, which takes no look at them; else it is looked for near the end
 * first, as the time of a difference goes by the spans it meets. For 1,000 series with 1,000 holes each: 0.2 of the time.
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
        else coalesce(upper(answers * ${newest('gap_end')}), upper(answers * tstzmultirange(tstzrange(since, gap_end))), since)
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
      select case when answered_until < until then until
        else coalesce(upper(${newest('until')} - answers), upper(tstzmultirange(tstzrange(since, until)) - answers))
        end as gap_end offset 0
    ) as ended
    where since < until and gap_end is not null`)
  return new Map(rows.map(({ index, since, until }) => [index, { since, until }]))
}

/** The last part of what is wanted up to `end`. */
function newest(end: 'gap_end' | 'until') {
  return raw(`tstzmultirange(tstzrange(greatest(since, ${end} - (until - since) / 64), ${end}))`)
}

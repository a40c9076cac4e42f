import type { Series, Span } from '@fullon/market'
import { formatSpans, parseSpans } from './literals.js'
import { isSeries } from './lock-series.js'
import type { Queryable } from './queryable.js'
import { raw, sql } from './sql.js'

/** Which answers count: any, or only final ones. */
export type Strength = 'covered' | 'confirmed'

/** A span for each strength, or none. */
export type Wanted = { readonly [strength in Strength]?: Span | undefined }

/** What of what is wanted has neither been answered for nor is unavailable, ascending: of both strengths in one trip. */
export async function findGaps(
  connection: Queryable,
  series: Series,
  wanted: Wanted,
): Promise<Record<Strength, Span[]>> {
  const seriesId = sql`(select series_id from ohlcv.series where ${isSeries(series)})`
  const lacking = (strength: Strength) => sql`
    ${formatSpans(wanted[strength] ? [wanted[strength]] : [])}::tstzmultirange
      - coalesce((select ${raw(strength)} from ohlcv.coverage where series_id = ${seriesId}), '{}') - lost`
  const [row] = await connection.query<Record<Strength, string>>(sql`
    select ${lacking('covered')} as covered, ${lacking('confirmed')} as confirmed
    from (
      select coalesce(range_agg(span), '{}') as lost from ohlcv.unavailable where series_id = ${seriesId}
    ) as unavailable`)
  return { covered: parseSpans(row?.covered ?? ''), confirmed: parseSpans(row?.confirmed ?? '') }
}

import type { Series, Span } from '@fullon/market'
import { formatSpans, parseSpans } from './literals.js'
import { isSeries } from './lock-series.js'
import type { Queryable } from './queryable.js'
import { raw, sql } from './sql.js'

/** Which answers count: any, or only final ones. */
export type Strength = 'covered' | 'confirmed'

/** What of `wanted` has neither been answered for nor is unavailable, ascending. */
export async function findGaps(
  connection: Queryable,
  series: Series,
  wanted: Span,
  strength: Strength,
): Promise<Span[]> {
  const seriesId = sql`(select series_id from ohlcv.series where ${isSeries(series)})`
  const [row] = await connection.query<{ gaps: string }>(sql`
    select ${formatSpans([wanted])}::tstzmultirange
      - coalesce((select ${raw(strength)} from ohlcv.coverage where series_id = ${seriesId}), '{}')
      - coalesce((select range_agg(span) from ohlcv.unavailable where series_id = ${seriesId}), '{}') as gaps`)
  return parseSpans(row?.gaps ?? '')
}

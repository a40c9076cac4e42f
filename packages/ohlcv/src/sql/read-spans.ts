import type { Span } from '@fullon/market'
import { formatSpans, parseSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export interface CoverageSpans {
  readonly covered: Span[]
  readonly confirmed: Span[]
  readonly built: Span[]
}

/** A series' coverage inside `bounds`. */
export async function readSpans(connection: Queryable, seriesId: number, bounds: Span): Promise<CoverageSpans> {
  const clip = formatSpans([bounds])
  const [row] = await connection.query<{ covered: string; confirmed: string; built: string }>(sql`
    select covered * ${clip}::tstzmultirange as covered,
      confirmed * ${clip}::tstzmultirange as confirmed,
      built * ${clip}::tstzmultirange as built
    from ohlcv.coverage where series_id = ${seriesId}`)
  const { covered = '', confirmed = '', built = '' } = row ?? {}
  return { covered: parseSpans(covered), confirmed: parseSpans(confirmed), built: parseSpans(built) }
}

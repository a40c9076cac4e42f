import type { Span } from '@fullon/market'
import { formatSpans, parseSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { type Sql, sql } from './sql.js'

export interface CoverageSpans {
  readonly covered: Span[]
  readonly confirmed: Span[]
  readonly built: Span[]
}

/** As Postgres writes them. */
export type SpanTexts = { readonly [name in keyof CoverageSpans]: string }

/** A series' coverage inside `bounds`. */
export async function readSpans(connection: Queryable, seriesId: number, bounds: Span): Promise<CoverageSpans> {
  const [row] = await connection.query<SpanTexts>(sql`
    select ${clippedTo(bounds)} from ohlcv.coverage where series_id = ${seriesId}`)
  return parseTexts(row ?? { covered: '', confirmed: '', built: '' })
}

/** Columns of `ohlcv.coverage`, for {@link parseTexts}. */
export function clippedTo(bounds: Span): Sql {
  const clip = sql`${formatSpans([bounds])}::tstzmultirange`
  return sql`covered * ${clip} as covered, confirmed * ${clip} as confirmed, built * ${clip} as built`
}

export function parseTexts({ covered, confirmed, built }: SpanTexts): CoverageSpans {
  return { covered: parseSpans(covered), confirmed: parseSpans(confirmed), built: parseSpans(built) }
}

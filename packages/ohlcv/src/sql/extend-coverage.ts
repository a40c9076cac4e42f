import type { Span } from '@fullon/market'
import { formatSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export interface CoverageChange {
  readonly covered: readonly Span[]
  readonly confirmed: readonly Span[]
  /** Was built from trades. */
  readonly built?: readonly Span[]
  /** Is the exchange's own now. */
  readonly unbuilt?: readonly Span[]
}

/** Adds to what vouches for a series. What it already says is not written again. */
export async function extendCoverage(connection: Queryable, seriesId: number, change: CoverageChange): Promise<void> {
  const covered = sql`covered + ${formatSpans(change.covered)}::tstzmultirange`
  const confirmed = sql`confirmed + ${formatSpans(change.confirmed)}::tstzmultirange`
  const built = sql`built - ${formatSpans(change.unbuilt ?? [])}::tstzmultirange
    + ${formatSpans(change.built ?? [])}::tstzmultirange`
  await connection.query(sql`
    update ohlcv.coverage set covered = ${covered}, confirmed = ${confirmed}, built = ${built}
    where series_id = ${seriesId} and (covered, confirmed, built) is distinct from (${covered}, ${confirmed}, ${built})`)
}

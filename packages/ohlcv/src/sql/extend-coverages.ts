import { int4Array, textArray } from './arrays.js'
import type { CoverageChange } from './extend-coverage.js'
import { formatSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** As `extendCoverage`, of many series at once: for 1,000 of them one statement instead of 1,000. */
export async function extendCoverages(
  connection: Queryable,
  changes: readonly (CoverageChange & { readonly seriesId: number })[],
): Promise<void> {
  const spans = (name: 'covered' | 'confirmed' | 'unbuilt') =>
    textArray(changes.map((change) => formatSpans(change[name] ?? [])))
  await connection.query(sql`
    update ohlcv.coverage as stored
    set covered = stored.covered + change.covered::tstzmultirange,
      confirmed = stored.confirmed + change.confirmed::tstzmultirange,
      built = stored.built - change.unbuilt::tstzmultirange
    from unnest(
      ${int4Array(changes.map(({ seriesId }) => seriesId))}::int[],
      ${spans('covered')}::text[], ${spans('confirmed')}::text[], ${spans('unbuilt')}::text[]
    ) as change (series_id, covered, confirmed, unbuilt)
    where stored.series_id = change.series_id`)
}

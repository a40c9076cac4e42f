import type { EpochMs, Span } from '@fullon/market'
import { int4Array, timeArray } from './arrays.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export interface NewCoverage {
  readonly seriesId: number
  readonly window: Span
  /** From the window's start on; no less. */
  readonly confirmedUntil: EpochMs
}

/** As `extendCoverage`, of many series at once and each by a span of which nothing was covered. */
export async function extendCoverages(connection: Queryable, added: readonly NewCoverage[]): Promise<void> {
  await connection.query(sql`
    update ohlcv.coverage as stored
    set covered = stored.covered + tstzmultirange(tstzrange(added.since, added.until)),
      confirmed = stored.confirmed + tstzmultirange(tstzrange(added.since, added.confirmed_until))
    from unnest(
      ${int4Array(added, ({ seriesId }) => seriesId)}::int[],
      ${timeArray(added, ({ window }) => window.since)}::timestamptz[],
      ${timeArray(added, ({ window }) => window.until)}::timestamptz[],
      ${timeArray(added, ({ confirmedUntil }) => confirmedUntil)}::timestamptz[]
    ) as added (series_id, since, until, confirmed_until)
    where stored.series_id = added.series_id`)
}

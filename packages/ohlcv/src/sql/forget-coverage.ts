import type { Span } from '@fullon/market'
import { formatSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** Takes `spans` out of all that vouches for a series. */
export async function forgetCoverage(connection: Queryable, seriesId: number, spans: readonly Span[]): Promise<void> {
  const forgotten = sql`${formatSpans(spans)}::tstzmultirange`
  await connection.query(sql`
    update ohlcv.coverage
    set covered = covered - ${forgotten}, confirmed = confirmed - ${forgotten}, built = built - ${forgotten}
    where series_id = ${seriesId} and covered && ${forgotten}`)
}

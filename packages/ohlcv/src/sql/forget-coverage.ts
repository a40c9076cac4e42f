import type { Span } from '@fullon/market'
import { int4Array } from './arrays.js'
import { formatSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** Takes `spans` out of all that vouches for some series. */
export async function forgetCoverage(
  connection: Queryable,
  seriesIds: readonly number[],
  spans: readonly Span[],
): Promise<void> {
  const forgotten = sql`${formatSpans(spans)}::tstzmultirange`
  await connection.query(sql`
    update ohlcv.coverage
    set covered = covered - ${forgotten}, confirmed = confirmed - ${forgotten}, built = built - ${forgotten}
    where series_id = any(${int4Array(seriesIds, (id) => id)}::int[]) and covered && ${forgotten}`)
}

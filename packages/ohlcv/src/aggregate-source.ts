import { floorToTimeframe, type Span, type Timeframe, timeframeMs } from '@fullon/market'
import type { Beside } from './connections.js'
import { aggregateCandles } from './sql/aggregate-candles.js'
import { type AggregatedCandle, aggregateTrades } from './sql/aggregate-trades.js'
import type { StoredSource } from './sql/find-sources.js'
import type { Queryable } from './sql/queryable.js'

/** Of fewer the trips to a second connection take longer than their half. */
const MANY_ROWS = 20_000

/**
 * Candles of `timeframe` from `source` in `span`, which is made of whole intervals; halves at the same time, where
 * there are many rows. The server would not share one statement among its processes, as each sum is taken in order; in
 * halves hours take 0.6 of the time.
 */
export async function aggregateSource(
  connection: Queryable,
  beside: Beside,
  source: StoredSource,
  { span, timeframe }: { span: Span; timeframe: Timeframe },
): Promise<AggregatedCandle[]> {
  const { seriesId, timeframe: stored } = source
  const aggregate = (on: Queryable, part: Span) =>
    stored
      ? aggregateCandles(on, seriesId, part, { timeframe, stored })
      : aggregateTrades(on, seriesId, part, timeframe)
  const middle = floorToTimeframe((span.since + span.until) / 2, timeframe)
  const isShort = stored !== null && span.until - span.since < MANY_ROWS * timeframeMs(stored)
  if (isShort || middle === span.since) return aggregate(connection, span)
  const [later, earlier] = await Promise.all([
    beside((other) => aggregate(other, { since: middle, until: span.until })), // begins with a word on this connection
    aggregate(connection, { since: span.since, until: middle }),
  ])
  return [...earlier, ...later]
}

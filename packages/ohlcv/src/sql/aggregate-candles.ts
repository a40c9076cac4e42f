import type { Span, Timeframe } from '@fullon/market'
import { type AggregatedCandle, binned } from './aggregate-trades.js'
import type { Queryable } from './queryable.js'
import { type Sql, sql } from './sql.js'

/**
 * Candles of a longer timeframe from the stored ones in `span`, which is made of whole intervals: what
 * `resampleCandles` of @fullon/market gives, to the last bit.
 */
export function aggregateCandles(connection: Queryable, seriesId: number, span: Span, timeframe: Timeframe) {
  return connection.query<AggregatedCandle>(sql`${binnedCandles(sql`${seriesId}`, span, timeframe)} order by bin`)
}

export function binnedCandles(seriesId: Sql, span: Span, timeframe: Timeframe): Sql {
  return sql`
    select round(date_part('epoch', bin) * 1000) as "timestamp",
      (array_agg(open order by "timestamp"))[1] as open,
      max(high) as high,
      min(low) as low,
      (array_agg(close order by "timestamp"))[count(*)] as close,
      sum(volume order by "timestamp") as volume,
      round(date_part('epoch', max("timestamp")) * 1000) as "lastAt"
    from ${binned('candles', seriesId, span, timeframe)}
    group by bin`
}

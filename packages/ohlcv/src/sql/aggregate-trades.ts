import { type Candle, type EpochMs, type Span, type Timeframe, timeframeMs } from '@fullon/market'
import type { RowReader } from './binary-reader.js'
import { formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { raw, type Sql, sql } from './sql.js'

/** A candle made in the database. */
export interface AggregatedCandle extends Candle {
  /** Of the newest row in it. */
  readonly lastAt: EpochMs
}

/**
 * Candles of the stored trades in `span`, which is made of whole intervals: what `buildCandles` of @fullon/market
 * gives, to the last bit, because the sum is taken in the same order.
 */
export function aggregateTrades(connection: Queryable, seriesId: number, span: Span, timeframe: Timeframe) {
  return connection.read(sql`${binnedTrades(sql`${seriesId}`, span, timeframe)} order by bin`, readAggregated)
}

export function readAggregated(reader: RowReader): AggregatedCandle {
  return {
    timestamp: reader.float8(),
    open: reader.float8(),
    high: reader.float8(),
    low: reader.float8(),
    close: reader.float8(),
    volume: reader.float8(),
    lastAt: reader.float8(),
  }
}

export function binnedTrades(seriesId: Sql, span: Span, timeframe: Timeframe): Sql {
  const inOrder = sql`order by "timestamp", length(trade_id), trade_id`
  return sql`
    select round(date_part('epoch', bin) * 1000) as "timestamp",
      (array_agg(price ${inOrder}))[1] as open,
      max(price) as high,
      min(price) as low,
      (array_agg(price ${inOrder}))[count(*)] as close,
      sum(amount ${inOrder}) as volume,
      round(date_part('epoch', max("timestamp")) * 1000) as "lastAt"
    from ${binned('trades', seriesId, span, timeframe)}
    group by bin`
}

/** The rows of a series in `span`, each with the interval of `timeframe` that it lies in. */
export function binned(table: 'candles' | 'trades', seriesId: Sql, span: Span, timeframe: Timeframe): Sql {
  // The bin's origin is the span's start, aligned already: date_bin() before its origin is wrong in early minors of 15.
  return sql`(
    select date_bin(${`${timeframeMs(timeframe)} milliseconds`}::interval, "timestamp",
      ${formatTime(span.since)}::timestamptz) as bin, *
    from ${raw(`ohlcv.${table}`)}
    where series_id = ${seriesId}
      and "timestamp" >= ${formatTime(span.since)}::timestamptz and "timestamp" < ${formatTime(span.until)}::timestamptz
  ) as binned`
}

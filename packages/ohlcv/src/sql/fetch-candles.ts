import type { Series, Span, Timeframe } from '@fullon/market'
import { binnedCandles } from './aggregate-candles.js'
import { type AggregatedCandle, binnedTrades } from './aggregate-trades.js'
import { formatSpans, parseSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

export interface FetchedBins {
  /** Of the source, inside of the span. */
  readonly covered: Span[]
  /** Ascending. */
  readonly candles: AggregatedCandle[]
}

/**
 * Candles of a symbol in `span`, which is made of whole intervals, with what vouches for them. Their source is the one
 * of `timeframes` that holds most of it, of equals the last; undefined when none of them is stored. One statement sees
 * one state of the database without a transaction, which saves three round trips of four: a short range took longer in
 * them than in its rows.
 *
 * @param timeframes '' for trades
 */
export async function fetchCandles(
  connection: Queryable,
  { exchange, symbol, sandbox = false }: Series,
  { span, timeframe, timeframes }: { span: Span; timeframe: Timeframe; timeframes: readonly (Timeframe | '')[] },
): Promise<FetchedBins | undefined> {
  const seriesId = sql`(select series_id from source)`
  const [stored = timeframe] = timeframes
  const bins =
    stored === '' ? binnedTrades(seriesId, span, timeframe) : binnedCandles(seriesId, span, { timeframe, stored })
  const sources = `{${timeframes.map((one) => `"${one}"`).join(',')}}`
  const rows = await connection.query<AggregatedCandle & { covered: string | null }>(sql`
    with source as materialized (
      select series_id, covered * ${formatSpans([span])}::tstzmultirange as covered
      from ohlcv.series join ohlcv.coverage using (series_id)
      where exchange = ${exchange} and symbol = ${symbol} and sandbox = ${sandbox}
        and coalesce(timeframe, '') = any(${sources}::text[])
      order by (
          select sum(upper(held) - lower(held)) from unnest(covered * ${formatSpans([span])}::tstzmultirange) as held
        ) desc nulls last,
        array_position(${sources}::text[], coalesce(timeframe, '')) desc
      limit 1
    )
    select covered::text, null::float8 as "timestamp", null::float8 as open, null::float8 as high, null::float8 as low,
      null::float8 as close, null::float8 as volume, null::float8 as "lastAt"
    from source
    union all
    select null, binned.* from (${bins}) as binned
    order by "timestamp" nulls first`)
  const [source, ...candles] = rows
  if (!source) return undefined
  return { covered: parseSpans(source.covered ?? ''), candles: candles.map(({ covered, ...candle }) => candle) }
}

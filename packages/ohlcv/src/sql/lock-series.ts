import type { Series, Span } from '@fullon/market'
import type { Queryable } from './queryable.js'
import { type CoverageSpans, clippedTo, parseTexts, type SpanTexts } from './read-spans.js'
import { sql } from './sql.js'

/**
 * The series' id, made when it has none, with its coverage row locked until the transaction ends: writers of one
 * series wait for each other here, so nothing after it can deadlock. Trades are locked before their candles, always.
 */
export async function lockSeries(connection: Queryable, series: Series): Promise<number> {
  for (;;) {
    const found = await findAndLock(connection, series)
    if (found !== undefined) return found
    await makeSeries(connection, series) // in vain when another process deletes it at that moment: once more then
  }
}

/** As {@link lockSeries}, with what is stored of it inside `bounds`, which saves a round trip. */
export async function lockSpans(
  connection: Queryable,
  series: Series,
  bounds: Span,
): Promise<{ seriesId: number; stored: CoverageSpans }> {
  for (;;) {
    const [row] = await connection.query<{ seriesId: number } & SpanTexts>(sql`
      select series_id as "seriesId", ${clippedTo(bounds)}
      from ohlcv.series join ohlcv.coverage using (series_id)
      where ${isSeries(series)} for update of coverage`)
    if (row) return { seriesId: row.seriesId, stored: parseTexts(row) }
    await makeSeries(connection, series)
  }
}

/** As {@link lockSeries}; undefined when nothing was saved of it. */
export async function findAndLock(connection: Queryable, series: Series): Promise<number | undefined> {
  const [row] = await connection.query<{ series_id: number }>(sql`
    select series_id from ohlcv.series join ohlcv.coverage using (series_id)
    where ${isSeries(series)} for update of coverage`)
  return row?.series_id
}

async function makeSeries(connection: Queryable, series: Series): Promise<void> {
  const { exchange, symbol, sandbox = false, timeframe = null } = series
  await connection.query(sql`
    insert into ohlcv.series (exchange, symbol, sandbox, timeframe)
    values (${exchange}, ${symbol}, ${sandbox}, ${timeframe}) on conflict do nothing`)
  const seriesId = await keepSeries(connection, series)
  if (seriesId === undefined) return
  await connection.query(sql`insert into ohlcv.coverage (series_id) values (${seriesId}) on conflict do nothing`)
}

/**
 * Who makes or deletes a series holds its own row first and its coverage after. Writers hold the coverage alone, and
 * this strength lets their marks refer to the series meanwhile.
 */
export async function keepSeries(connection: Queryable, series: Series): Promise<number | undefined> {
  const [row] = await connection.query<{ series_id: number }>(sql`
    select series_id from ohlcv.series where ${isSeries(series)} for no key update`)
  return row?.series_id
}

/** A condition on `ohlcv.series`. */
export function isSeries({ exchange, symbol, sandbox = false, timeframe }: Series) {
  return sql`exchange = ${exchange} and symbol = ${symbol} and sandbox = ${sandbox}
    and timeframe is not distinct from ${timeframe ?? null}::text`
}

import type { Series } from '@fullon/market'
import { OhlcvError } from '../errors.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/**
 * The series' id, made when it has none, with its coverage row locked until the transaction ends: writers of one
 * series wait for each other here, so nothing after it can deadlock. Trades are locked before their candles, always.
 */
export async function lockSeries(connection: Queryable, series: Series): Promise<number> {
  const found = await lockExisting(connection, series)
  if (found !== undefined) return found
  const { exchange, symbol, sandbox = false, timeframe = null } = series
  await connection.query(sql`
    insert into ohlcv.series (exchange, symbol, sandbox, timeframe)
    values (${exchange}, ${symbol}, ${sandbox}, ${timeframe}) on conflict do nothing`)
  await connection.query(sql`
    insert into ohlcv.coverage (series_id)
    select series_id from ohlcv.series where ${isSeries(series)} on conflict do nothing`)
  const made = await lockExisting(connection, series)
  if (made !== undefined) return made
  throw new OhlcvError('CONFLICT', `${exchange} ${symbol}: expected the series to stay, got it deleted meanwhile`)
}

async function lockExisting(connection: Queryable, series: Series): Promise<number | undefined> {
  const [row] = await connection.query<{ series_id: number }>(sql`
    select series_id from ohlcv.series join ohlcv.coverage using (series_id)
    where ${isSeries(series)} for update of coverage`)
  return row?.series_id
}

/** A condition on `ohlcv.series`. */
export function isSeries({ exchange, symbol, sandbox = false, timeframe }: Series) {
  return sql`exchange = ${exchange} and symbol = ${symbol} and sandbox = ${sandbox}
    and timeframe is not distinct from ${timeframe ?? null}::text`
}

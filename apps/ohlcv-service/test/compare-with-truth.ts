import type { Span } from '@fullon/market'
import type { Truth } from '@fullon/simulator'
import postgres from 'postgres'
import { expect } from 'vitest'

/** Every candle and trade of `span` stored exactly as published, and nothing else: read by plain SQL. */
export async function compareWithTruth(url: string, truth: Truth, symbol: string, span: Span): Promise<void> {
  const sql = postgres(url, { max: 1 })
  try {
    const inSpan = sql`symbol = ${symbol} and "timestamp" >= to_timestamp(${span.since / 1000}) and "timestamp" < to_timestamp(${span.until / 1000})`
    const candles =
      await sql`select extract(epoch from "timestamp")::float8 * 1000 as timestamp, open, high, low, close, volume
      from ohlcv.candles join ohlcv.series using (series_id) where ${inSpan} order by "timestamp"`
    const trades =
      await sql`select extract(epoch from "timestamp")::float8 * 1000 as timestamp, trade_id as id, side, price, amount
      from ohlcv.trades join ohlcv.series using (series_id) where ${inSpan} order by trade_id::bigint`
    const expected = truth.candles(symbol, '1m', span)
    const withoutVolume = ({ volume, ...rest }: { volume: number }) => rest
    expect([...candles].map((row) => withoutVolume(row as never))).toEqual(expected.map(withoutVolume))
    for (const [index, { volume }] of expected.entries()) expect(candles[index]!.volume).toBeCloseTo(volume, 9)
    expect([...trades]).toEqual(truth.trades(symbol, span))
  } finally {
    await sql.end()
  }
}

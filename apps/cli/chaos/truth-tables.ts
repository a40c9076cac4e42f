import postgres from 'postgres'
import type { ExpectedSeries, Published } from './expected.js'

/** A session that holds the truth in temporary tables beside what is stored. */
export type TruthSession = postgres.Sql

export function openSession(url: string): TruthSession {
  return postgres(url, { max: 1, idle_timeout: 0, onnotice: () => {} })
}

export async function loadTruth(sql: TruthSession, published: readonly Published[]): Promise<void> {
  await sql`create temporary table truth_candles (exchange text, symbol text, timeframe text, "timestamp" timestamptz,
    open float8, high float8, low float8, close float8, volume float8)`
  await sql`create temporary table truth_trades (exchange text, symbol text, "timestamp" timestamptz, trade_id text,
    side text, price float8, amount float8)`
  for (const { exchange, symbol, timeframe, candles, trades } of published) {
    for (const part of parts(candles)) {
      await sql`insert into truth_candles select ${exchange}, ${symbol}, ${timeframe}, to_timestamp(at / 1000.0),
          open, high, low, close, volume
        from json_to_recordset(${json(part)}::text::json)
          as row (at float8, open float8, high float8, low float8, close float8, volume float8)`
    }
    for (const part of parts(trades)) {
      await sql`insert into truth_trades select ${exchange}, ${symbol}, to_timestamp(at / 1000.0), id, side, price, amount
        from json_to_recordset(${json(part)}::text::json)
          as row (at float8, id text, side text, price float8, amount float8)`
    }
  }
}

/** Replaces the table of what must be complete. */
export async function loadExpected(sql: TruthSession, expected: readonly ExpectedSeries[]): Promise<void> {
  await sql`drop table if exists expected`
  await sql`create temporary table expected as
    select exchange, symbol, timeframe,
      tstzrange(to_timestamp(since / 1000.0), to_timestamp(until / 1000.0)) as span,
      to_timestamp("servedSince" / 1000.0) as served_since
    from json_to_recordset(${JSON.stringify(expected)}::text::json)
      as row (exchange text, symbol text, timeframe text, since float8, until float8, "servedSince" float8)`
}

function json(rows: readonly { readonly timestamp: number }[]): string {
  return JSON.stringify(rows.map(({ timestamp: at, ...row }) => ({ at, ...row })))
}

function* parts<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += 10_000) yield rows.slice(start, start + 10_000)
}

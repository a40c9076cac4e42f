import type { Candle, EpochMs, Trade } from '@fullon/market'
import postgres from 'postgres'

/** What the exchange published, and how far every row of it must be stored. */
export interface Published {
  readonly exchange: string
  readonly symbol: string
  readonly candles: readonly Candle[]
  readonly trades: readonly Trade[]
}

export interface Verdict {
  readonly series: number
  readonly candles: number
  readonly trades: number
  /** Published in the span and not stored. */
  readonly missing: number
  /** Stored otherwise than published, or never published at all. */
  readonly wrong: number
  /** Stored more than once. */
  readonly duplicate: number
}

type Sql = postgres.TransactionSql

/**
 * Compares what is stored with what was published, in plain SQL of its own: the code under test has no part in it.
 * Nothing published in `[since, until)` may be missing; nothing stored at any time may differ or be there twice.
 */
export async function verify(
  url: string,
  published: readonly Published[],
  { since, until }: { since: EpochMs; until: EpochMs },
): Promise<Verdict> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await sql.begin(async (tx) => {
      await loadTruth(tx, published)
      const candles = await compare(tx, { table: 'candles', key: 'timestamp', differs: CANDLE_DIFFERS, since, until })
      const trades = await compare(tx, { table: 'trades', key: 'trade_id', differs: TRADE_DIFFERS, since, until })
      return {
        series: published.length,
        candles: candles.rows,
        trades: trades.rows,
        missing: candles.missing + trades.missing,
        wrong: candles.wrong + trades.wrong,
        duplicate: candles.duplicate + trades.duplicate,
      }
    })
  } finally {
    await sql.end()
  }
}

const CANDLE_DIFFERS = `(s.open, s.high, s.low, s.close) is distinct from (t.open, t.high, t.low, t.close)
  or abs(s.volume - t.volume) > 1e-9 * greatest(abs(s.volume), abs(t.volume))`
const TRADE_DIFFERS = `(s."timestamp", s.side, s.price, s.amount) is distinct from (t."timestamp", t.side, t.price, t.amount)`

async function loadTruth(tx: Sql, published: readonly Published[]): Promise<void> {
  await tx`create temporary table truth_candles (exchange text, symbol text, "timestamp" timestamptz,
    open float8, high float8, low float8, close float8, volume float8) on commit drop`
  await tx`create temporary table truth_trades (exchange text, symbol text, "timestamp" timestamptz, trade_id text,
    side text, price float8, amount float8) on commit drop`
  for (const { exchange, symbol, candles, trades } of published) {
    for (const part of parts(candles)) {
      await tx`insert into truth_candles select ${exchange}, ${symbol}, to_timestamp(at / 1000.0), open, high, low, close, volume
        from json_to_recordset(${JSON.stringify(part.map(({ timestamp: at, ...candle }) => ({ at, ...candle })))}::text::json)
          as row (at float8, open float8, high float8, low float8, close float8, volume float8)`
    }
    for (const part of parts(trades)) {
      await tx`insert into truth_trades select ${exchange}, ${symbol}, to_timestamp(at / 1000.0), id, side, price, amount
        from json_to_recordset(${JSON.stringify(part.map(({ timestamp: at, ...trade }) => ({ at, ...trade })))}::text::json)
          as row (at float8, id text, side text, price float8, amount float8)`
    }
  }
}

function* parts<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += 10_000) yield rows.slice(start, start + 10_000)
}

interface Comparison {
  readonly table: 'candles' | 'trades'
  /** Identifies a row within its series. */
  readonly key: 'timestamp' | 'trade_id'
  readonly differs: string
  readonly since: EpochMs
  readonly until: EpochMs
}

async function compare(tx: Sql, { table, key, differs, since, until }: Comparison) {
  await tx.unsafe(`create temporary table stored_${table} on commit drop as
    select exchange, symbol, row.* from ohlcv.${table} as row join ohlcv.series using (series_id)`)
  await tx.unsafe(`analyze stored_${table}, truth_${table}`) // without statistics the join below is a loop in a loop
  const inSpan = `t."timestamp" >= to_timestamp(${since} / 1000.0) and t."timestamp" < to_timestamp(${until} / 1000.0)`
  const [row] = await tx.unsafe(`
    select
      count(s.symbol)::int as rows,
      count(*) filter (where s.symbol is null and ${inSpan})::int as missing,
      count(*) filter (where s.symbol is not null and (t.symbol is null or ${differs}))::int as wrong,
      (select count(*) - count(distinct (exchange, symbol, "${key}")) from stored_${table})::int as duplicate
    from stored_${table} s full join truth_${table} t
      on s.exchange = t.exchange and s.symbol = t.symbol and s."${key}" = t."${key}"`)
  return row as unknown as { rows: number; missing: number; wrong: number; duplicate: number } // cast: the query's columns
}

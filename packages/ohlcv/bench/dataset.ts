import type { Timeframe } from '@fullon/market'
import { CandleRepository, sealDue } from '../src/index.js'
import { timeOf } from './measure.js'
import { minute } from './rows.js'
import type { BenchServer } from './server.js'

export const SERIES = 200
export const TIMEFRAME: Timeframe = '1m'

export function symbolOf(index: number): string {
  return `S${index}/USD`
}

/**
 * Grows 200 series to `minutes` candles each, row by row in turns as live ones are written, by the server itself. Their
 * weeks must be there.
 */
export async function growDataset({ db, sql }: BenchServer, since: number, until: number): Promise<void> {
  await makeWeeks(db, since, until)
  const [from, to] = [new Date(minute(since)), new Date(minute(until))]
  await sql`
    insert into ohlcv.series (exchange, symbol, timeframe)
    select 'bench', 'S' || index || '/USD', ${TIMEFRAME} from generate_series(0, ${SERIES - 1}::int) as index
    on conflict do nothing`
  await sql`
    insert into ohlcv.coverage (series_id, covered, confirmed)
    select series_id, span, span
    from ohlcv.series, (select tstzmultirange(tstzrange(${from}, ${to})) as span) as span
    where symbol ~ '^S[0-9]+/USD$'
    on conflict (series_id) do update
    set covered = coverage.covered + excluded.covered, confirmed = coverage.confirmed + excluded.confirmed`
  await sql`
    insert into ohlcv.candles
    select series_id, "timestamp", price, price + 5.25, price - 3.5, price + 1.25, price / 1000
    from generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 min', interval '1 min') as "timestamp",
      (select series_id from ohlcv.series where symbol ~ '^S[0-9]+/USD$' order by series_id) as series,
      lateral (select 42000 + round((random() * 1000)::numeric, 2)::float8 as price offset 0) as price
    order by "timestamp", series_id`
}

/** All weeks; again where the server's own vacuum was at one. @returns milliseconds. */
export function sealAll({ db }: BenchServer, minutes: number): Promise<number> {
  return timeOf(async () => {
    for (;;) {
      const { busy, left } = await sealDue(db, { now: minute(minutes) + 30 * 86_400_000, quietMs: 0 })
      if (busy.length + left.length === 0) return
    }
  })
}

/** By way of a series with one candle a week. */
async function makeWeeks(db: BenchServer['db'], since: number, until: number): Promise<void> {
  const repo = new CandleRepository(db, 'bench', 'WEEKS', TIMEFRAME)
  for (let first = since - (since % 10_080); first < until; first += 10_080) {
    const timestamp = minute(first)
    const row = { timestamp, open: 1, high: 1, low: 1, close: 1, volume: 1 }
    await repo.saveCandles({ rows: [row], covered: { since: timestamp, until: timestamp + 60_000 } })
  }
}

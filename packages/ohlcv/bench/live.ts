import { type SeriesPage, saveCandlePages } from '../src/index.js'
import { compare } from './measure.js'
import type { Report } from './report.js'
import { candlesOf, MINUTE_MS, minute } from './rows.js'
import type { BenchServer } from './server.js'

const SERIES = 1_000
const ROUNDS = 31
const FIRST_BARE = 1_100_000_000

/** One closed candle of each of 1,000 series, against the upsert alone, by hand and without coverage. */
export async function benchLive({ db, sql }: BenchServer, report: Report): Promise<void> {
  const pagesOf = (index: number): SeriesPage[] => {
    const rows = candlesOf(index, 1)
    const covered = { since: minute(index), until: minute(index) + MINUTE_MS }
    return Array.from({ length: SERIES }, (_, series) => ({
      series: { exchange: 'live', symbol: `L${series}/USD`, timeframe: '1m' },
      page: { rows, covered, confirmedUntil: covered.until },
    }))
  }
  const bare = (index: number) => {
    const [row] = candlesOf(index, 1)
    const columns = (value: number | undefined) => Array(SERIES).fill(value)
    const ids = Array.from({ length: SERIES }, (_, series) => FIRST_BARE + series)
    return sql`
      insert into ohlcv.candles
      select id, ${new Date(minute(index))}::timestamptz, open, high, low, close, volume
      from unnest(${ids}::int[], ${columns(row?.open)}::float8[], ${columns(row?.high)}::float8[],
        ${columns(row?.low)}::float8[], ${columns(row?.close)}::float8[], ${columns(row?.volume)}::float8[]
      ) as page (id, open, high, low, close, volume)
      on conflict (series_id, "timestamp") do update set open = excluded.open, high = excluded.high, low = excluded.low,
        close = excluded.close, volume = excluded.volume`
  }
  await saveCandlePages(db, pagesOf(0)) // makes the series
  await bare(0)
  const flush = await compare(
    ROUNDS,
    (round) => saveCandlePages(db, pagesOf(round + 1)),
    (round) => bare(round + 1),
  )
  report.add({
    what: `a candle of each of ${SERIES} series: flush : bare upsert`,
    value: 1 / flush.ratio,
    aim: { atMost: 2 },
    detail: `${flush.oursMs.toFixed(1)} ms, bare ${flush.theirsMs.toFixed(1)} ms`,
  })
  const [ours, theirs] = [
    await logged(sql, () => saveCandlePages(db, pagesOf(ROUNDS + 1))),
    await logged(sql, () => bare(ROUNDS + 1)),
  ]
  report.add({
    what: 'log written for each of these rows, coverage included',
    value: ours / SERIES,
    unit: 'bytes',
    detail: `bare ${(theirs / SERIES).toFixed(0)}`,
  })
}

/** Bytes of the write-ahead log, page images after a checkpoint aside. */
async function logged(sql: BenchServer['sql'], run: () => Promise<unknown>): Promise<number> {
  const [before] = await sql`select pg_current_wal_insert_lsn()::text as lsn`
  await run()
  const [row] = await sql`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ${before?.lsn}::pg_lsn)::float8 as bytes`
  return row?.bytes
}

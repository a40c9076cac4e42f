import { execFileSync } from 'node:child_process'
import { CandleRepository } from '../src/index.js'
import { benchAggregation } from './aggregation.js'
import { growDataset, SERIES, sealAll, symbolOf, TIMEFRAME } from './dataset.js'
import { compare, median, timeOf } from './measure.js'
import type { Report } from './report.js'
import { candlesOf, minute } from './rows.js'
import type { BenchServer } from './server.js'

const ROUNDS = 7
const YEAR_MINUTES = 365 * 1_440

/** Long ranges of one series among 200 that were written in turns, before and after sealing. */
export async function benchReading(server: BenchServer, report: Report, rows: number): Promise<void> {
  const minutes = Math.min(100_000, Math.floor(rows / SERIES))
  await growDataset(server, 0, minutes)
  const span = { since: minute(0), until: minute(minutes) }
  const name = `${minutes.toLocaleString('en')} candles of one series among ${SERIES}`
  const read = (index: number) => new CandleRepository(server.db, 'bench', symbolOf(index), TIMEFRAME).getCandles(span)
  const coldBefore = await coldTime(server, () => read(1))
  const before = median([await timeOf(() => read(2)), await timeOf(() => read(2)), await timeOf(() => read(2))])
  const sealing = await sealAll(server, minutes)
  report.add({
    what: `sealing ${(minutes * SERIES) / 1e6} M candles`,
    value: sealing / ((minutes * SERIES) / 1e6),
    unit: 'ms a million',
    detail: `${Math.ceil(minutes / 10_080)} weeks`,
  })
  const coldAfter = await coldTime(server, () => read(1))
  await server.settle()
  report.add({
    what: `${name}, cold: interleaved : sealed`,
    value: coldBefore / coldAfter,
    detail: `${coldBefore.toFixed(0)} ms, sealed ${coldAfter.toFixed(0)} ms`,
  })
  const warm = median([await timeOf(() => read(2)), await timeOf(() => read(2)), await timeOf(() => read(2))])
  report.add({
    what: `${name}, second read: interleaved : sealed`,
    value: before / warm,
    detail: `${before.toFixed(0)} ms, sealed ${warm.toFixed(0)} ms`,
  })
  const [series] = await server.sql`select series_id from ohlcv.series where symbol = ${symbolOf(3)}`
  const plain = () => server.sql`
    select "timestamp", open, high, low, close, volume from ohlcv.candles
    where series_id = ${series?.series_id} and "timestamp" >= ${new Date(span.since)} and "timestamp" < ${new Date(span.until)}
    order by "timestamp"`
  const against = await compare(ROUNDS, () => read(3), plain)
  report.add({
    what: `${name}, sealed, against postgres.js`,
    value: against.ratio,
    aim: { atLeast: 2 },
    detail: `${against.oursMs.toFixed(0)} ms, postgres.js ${against.theirsMs.toFixed(0)} ms`,
  })
  await benchAggregation(server, report, { symbol: symbolOf(5), minutes, timeframe: '1h', aim: { atLeast: 1.1 } })
  await benchAggregation(server, report, { symbol: symbolOf(5), minutes, timeframe: '1d' })
  await benchYear(server, report)
  await benchStream(server, report, minutes)
}

/** A series of its own: that of the others is not as long. */
async function benchYear(server: BenchServer, report: Report): Promise<void> {
  const repo = new CandleRepository(server.db, 'bench', 'YEAR/USD', TIMEFRAME)
  for (let first = 0; first < YEAR_MINUTES; first += 7_200) {
    const covered = { since: minute(first), until: minute(first + 7_200) }
    await repo.saveCandles({ rows: candlesOf(first, 7_200), covered, confirmedUntil: covered.until })
  }
  await sealAll(server, YEAR_MINUTES)
  await server.settle()
  await benchAggregation(server, report, { symbol: 'YEAR/USD', minutes: YEAR_MINUTES, timeframe: '1d' })
}

/** Ten million candles, from as many series as it takes. */
async function benchStream({ db }: BenchServer, report: Report, minutes: number): Promise<void> {
  let [streamed, peak] = [0, 0]
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const streamMs = await timeOf(async () => {
    for (let index = 0; index < SERIES && streamed < 10_000_000; index++) {
      for await (const rows of new CandleRepository(db, 'bench', symbolOf(index), TIMEFRAME).streamCandles({
        until: minute(minutes),
      })) {
        streamed += rows.length
        peak = Math.max(peak, process.memoryUsage().rss - before)
      }
    }
  })
  report.add({
    what: `memory while streaming ${(streamed / 1e6).toFixed(1)} M candles`,
    value: peak / 1e6,
    unit: 'MB',
    detail: `${Math.round(streamed / streamMs)} rows a ms`,
  })
}

/** With neither the server's memory nor the system's holding any of it. */
async function coldTime(server: BenchServer, run: () => Promise<unknown>): Promise<number> {
  await server.restart()
  execFileSync('sync')
  execFileSync('sh', [
    '-c',
    `find '${server.dataDir}' -type f -exec dd of={} oflag=nocache conv=notrunc,fdatasync count=0 status=none \\;`,
  ])
  return timeOf(run)
}

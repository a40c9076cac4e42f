import { execFileSync } from 'node:child_process'
import { CandleRepository, sealDue, TimeseriesRepository } from '../src/index.js'
import { growDataset, SERIES, symbolOf, TIMEFRAME } from './dataset.js'
import { compare, median, timeOf } from './measure.js'
import type { Report } from './report.js'
import { minute } from './rows.js'
import type { BenchServer } from './server.js'

const ROUNDS = 7

/** Long ranges of one series among 200 that were written in turns, before and after sealing. */
export async function benchReading(server: BenchServer, report: Report, rows: number): Promise<void> {
  const minutes = Math.min(100_000, Math.floor(rows / SERIES))
  await growDataset(server, 0, minutes)
  const span = { since: minute(0), until: minute(minutes) }
  const name = `${minutes.toLocaleString('en')} candles of one series among ${SERIES}`
  const read = (index: number) => new CandleRepository(server.db, 'bench', symbolOf(index), TIMEFRAME).getCandles(span)
  const coldBefore = await coldTime(server, () => read(1))
  const before = median([await timeOf(() => read(2)), await timeOf(() => read(2)), await timeOf(() => read(2))])
  const sealing = await timeOf(() => sealDue(server.db, { now: minute(minutes) + 30 * 86_400_000, quietMs: 0 }))
  report.add({
    what: `sealing ${(minutes * SERIES) / 1e6} M candles`,
    value: sealing / ((minutes * SERIES) / 1e6),
    unit: 'ms a million',
    detail: `${Math.ceil(minutes / 10_080)} weeks`,
  })
  const coldAfter = await coldTime(server, () => read(1))
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
  await benchAggregation(server, report, minutes)
  await benchStream(server, report, minutes)
}

async function benchAggregation({ db, sql }: BenchServer, report: Report, minutes: number): Promise<void> {
  const series = new TimeseriesRepository(db, 'bench', symbolOf(5))
  const [row] = await sql`select series_id from ohlcv.series where symbol = ${symbolOf(5)}`
  const span = { since: minute(0), until: minute(minutes) }
  for (const [timeframe, width] of [
    ['1h', '1 hour'],
    ['1d', '1 day'],
  ] as const) {
    // The best of several by hand: no order in the aggregates but the rows' own, which gives the sums other last bits.
    const byHand = () => sql`
      select bin, min(open) filter (where is_first) as open, max(high) as high, min(low) as low,
        min(close) filter (where is_last) as close, sum(volume) as volume
      from (
        select date_bin(${width}::interval, "timestamp", '2000-01-03') as bin, open, high, low, close, volume,
          "timestamp" = date_bin(${width}::interval, "timestamp", '2000-01-03') as is_first,
          "timestamp" = date_bin(${width}::interval, "timestamp", '2000-01-03') + ${width}::interval - interval '1 min' as is_last
        from ohlcv.candles
        where series_id = ${row?.series_id} and "timestamp" >= ${new Date(span.since)} and "timestamp" < ${new Date(span.until)}
      ) as rows group by bin order by bin`
    const { ratio, oursMs, theirsMs } = await compare(ROUNDS, () => series.fetchOhlcv({ ...span, timeframe }), byHand)
    const aim = timeframe === '1h' ? { aim: { atLeast: 1.1 } } : {}
    report.add({
      what: `${timeframe} candles over ${minutes.toLocaleString('en')} minutes against SQL by hand`,
      value: ratio,
      ...aim,
      detail: `${oursMs.toFixed(0)} ms, by hand ${theirsMs.toFixed(0)} ms`,
    })
  }
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

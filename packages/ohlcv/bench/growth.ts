import {
  CandleRepository,
  nextGaps,
  type SeriesPage,
  saveCandlePages,
  TimeseriesRepository,
  TradeRepository,
} from '../src/index.js'
import { growDataset, SERIES, sealAll, symbolOf, TIMEFRAME } from './dataset.js'
import { median, timeOf } from './measure.js'
import type { Report } from './report.js'
import { candlesOf, minute, START, tradesOf } from './rows.js'
import type { BenchServer } from './server.js'

const SIZES = [1e6, 2e6, 5e6, 10e6, 20e6]
const PAGE = 5_000
const ROUNDS = 7

/** The same saves and reads as the tables grow to `rows`. */
export async function benchGrowth(server: BenchServer, report: Report, rows: number): Promise<void> {
  const times = new Map<string, number[]>()
  const sizes = SIZES.filter((size) => size <= rows)
  let stored = 0
  for (const size of sizes) {
    const minutes = size / SERIES
    await growDataset(server, stored, minutes)
    stored = minutes
    await sealAll(server, minutes)
    await server.settle()
    for (const [what, run] of Object.entries(workOf(server, size, minutes))) {
      const rounds: number[] = []
      for (let round = 0; round < ROUNDS; round++) rounds.push(await timeOf(() => run(round)))
      times.set(what, [...(times.get(what) ?? []), median(rounds)])
    }
  }
  const last = sizes.at(-1) ?? 0
  for (const [what, ms] of times) {
    report.add({
      what: `${what}: time with ${last / 1e6} M rows stored : with 1 M`,
      value: (ms.at(-1) ?? 0) / (ms[0] ?? 0),
      detail: `${ms.map((one) => one.toFixed(1)).join(', ')} ms with ${sizes.map((size) => size / 1e6).join(', ')} M`,
    })
  }
}

/** Saves go to the weeks that are stored already; each size has series of its own. */
function workOf(
  { db }: BenchServer,
  size: number,
  minutes: number,
): Record<string, (round: number) => Promise<unknown>> {
  const save = (round: number) => {
    const covered = { since: minute(round * PAGE), until: minute((round + 1) * PAGE) }
    const page = { rows: candlesOf(round * PAGE, PAGE), covered, confirmedUntil: covered.until }
    return new CandleRepository(db, 'growth', `${size}/USD`, TIMEFRAME).saveCandles(page)
  }
  const saveTrades = (round: number) => {
    const covered = { since: START + round * PAGE * 100, until: START + (round + 1) * PAGE * 100 }
    const page = { rows: tradesOf(round * PAGE, PAGE), covered, confirmedUntil: covered.until }
    return new TradeRepository(db, 'growth', `${size}/USD`).saveTrades(page)
  }
  const flush = (round: number) => {
    const covered = { since: minute(round), until: minute(round + 1) }
    const page = { rows: candlesOf(round, 1), covered, confirmedUntil: covered.until }
    return saveCandlePages(
      db,
      Array.from({ length: SERIES }, (_, index): SeriesPage => {
        return { series: { exchange: 'growth', symbol: `${size}-${index}/USD`, timeframe: TIMEFRAME }, page }
      }),
    )
  }
  const newest = { since: minute(minutes - PAGE), until: minute(minutes) }
  const stored = Array.from({ length: SERIES }, (_, index) => {
    const series = { exchange: 'bench', symbol: symbolOf(index), timeframe: TIMEFRAME }
    return { series, since: minute(0), until: minute(minutes + 1) }
  })
  return {
    [`saving ${PAGE} new candles`]: save,
    [`saving the same ${PAGE} candles again`]: save,
    [`saving ${PAGE} new trades`]: saveTrades,
    [`a candle of each of ${SERIES} series in one flush`]: flush,
    [`reading ${PAGE} candles, sealed`]: (round) =>
      new CandleRepository(db, 'bench', symbolOf(round), TIMEFRAME).getCandles(newest),
    [`1h candles over ${PAGE} minutes`]: (round) =>
      new TimeseriesRepository(db, 'bench', symbolOf(round)).fetchOhlcv({ ...newest, timeframe: '1h' }),
    [`the next gap of each of ${SERIES} series`]: () => nextGaps(db, stored),
  }
}

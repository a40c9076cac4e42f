import { CandleRepository, sealDue } from '../src/index.js'
import { growDataset, SERIES, symbolOf, TIMEFRAME } from './dataset.js'
import { median, timeOf } from './measure.js'
import type { Report } from './report.js'
import { candlesOf, MINUTE_MS, minute } from './rows.js'
import type { BenchServer } from './server.js'

const FIRST_ROWS = 1_000_000
const READ = 5_000
const ROUNDS = 5

/** The same saves and reads as the tables grow from 1 M rows to `rows`, twice as many each time. */
export async function benchGrowth(server: BenchServer, report: Report, rows: number): Promise<void> {
  let stored = 0
  for (let size = FIRST_ROWS; size <= rows; size *= 2) {
    const minutes = size / SERIES
    await growDataset(server, stored, minutes)
    stored = minutes
    const millions = `${size / 1e6} M rows stored`
    const save = new CandleRepository(server.db, 'growth', `${size}/USD`, TIMEFRAME)
    const saves: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const page = {
        rows: candlesOf(round * READ, READ),
        covered: { since: minute(round * READ), until: minute((round + 1) * READ) },
      }
      saves.push(await timeOf(() => save.saveCandles({ ...page, confirmedUntil: page.covered.until })))
    }
    report.add({ what: `${millions}: saving ${READ} candles`, value: median(saves), unit: 'ms', detail: '' })
    await sealDue(server.db, { now: minute(minutes) + 30 * 1440 * MINUTE_MS, quietMs: 0 })
    const reads: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const repo = new CandleRepository(server.db, 'bench', symbolOf(round), TIMEFRAME)
      reads.push(await timeOf(() => repo.getCandles({ since: minute(minutes - READ), until: minute(minutes) })))
    }
    report.add({ what: `${millions}, sealed: reading ${READ} candles`, value: median(reads), unit: 'ms', detail: '' })
  }
}

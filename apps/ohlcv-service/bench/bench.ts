import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { openScratchDatabase } from '@fullon/embedded'

// Run with `npm run bench` here, or `npm run bench -- --only flood,latency`. Each line: what was measured, its aim, and
// whether it holds. TEST_DATABASE_URL and TEST_REDIS_URL say where; without them an embedded Postgres, and no Redis.
const ROUNDS = 3
const HALF_LOAD_WITHOUT_FLOOD = 5_000

interface Aim {
  readonly atLeast?: number
  readonly atMost?: number
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const only = values.only?.split(',')
let floodRate: number | undefined

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  async flood() {
    const [alone, service] = await race('flood.ts', 'exchange', 'service')
    floodRate = service
    print('flood: trades/s, @fullon/exchange alone', alone.toFixed(0))
    print('flood: trades/s, socket to Postgres and cache', service.toFixed(0))
    print('flood: service : exchange alone', (service / alone).toFixed(2), { atLeast: 0.6 })
  },
  async latency() {
    const rate = Math.round((floodRate ?? 2 * HALF_LOAD_WITHOUT_FLOOD) / 2)
    const { p50, p99 } = await run('trade-latency.ts', String(rate))
    print(`${rate} trades/s: settled to committed, ms, median`, fixed(p50))
    print(`${rate} trades/s: settled to committed, ms, p99`, fixed(p99), { atMost: 500 })
  },
  async backfill() {
    const [direct, service] = await race('backfill.ts', 'direct', 'service')
    print('backfill: rows/s, saved directly', direct.toFixed(0))
    print('backfill: rows/s, exchange to Postgres', service.toFixed(0))
    print('backfill: service : direct', (service / direct).toFixed(2), { atLeast: 0.5 })
  },
  async rate() {
    const { share } = await run('rate-limited.ts')
    print('backfill: share of the allowed rate', fixed(share, 3), { atLeast: 0.95 })
  },
  async thousand() {
    const { cpuPercent, rssMb, heapMb, rows, requests } = await run('thousand-series.ts')
    print('1,000 series: % of a core', fixed(cpuPercent, 1), { atMost: 25 })
    print('1,000 series: MB resident', fixed(rssMb), { atMost: 400 })
    print('1,000 series: MB of heap', fixed(heapMb))
    print('1,000 series: rows stored, requests, in 2 minutes', `${rows}, ${requests}`)
  },
  async first() {
    const { liveMs, storedMs, totalMs } = await run('first-candle.ts')
    print('start: ms to the first subscription', fixed(liveMs))
    print('start: ms to the first stored live candle', fixed(totalMs))
    print('start: ms of that after the candle had settled', fixed(storedMs))
  },
  async weeks() {
    const { firstMb = 0, lastMb = 0, rows } = await run('weeks.ts')
    print('two weeks: MB of heap, first third', fixed(firstMb, 1))
    print('two weeks: MB of heap, last : first third', (lastMb / firstMb).toFixed(3), { atMost: 1.05 })
    print('two weeks: rows stored', fixed(rows))
  },
  async outage() {
    const { beforeMb = 0, awayMb = 0, backMs } = await run('outage.ts', '2000')
    print('Postgres away: MB of heap more than before', (awayMb - beforeMb).toFixed(1), { atMost: 40 })
    print('Postgres away: ms until rows are stored again', fixed(backMs))
  },
}

for (const [name, bench] of Object.entries(BENCHES)) if (!only || only.includes(name)) await bench()

/** Medians of two ways in turn, so that both have the same weather. */
async function race(script: string, first: string, second: string): Promise<[number, number]> {
  const rates: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    rates[0].push((await run(script, first)).rate ?? Number.NaN)
    rates[1].push((await run(script, second)).rate ?? Number.NaN)
  }
  return [median(rates[0]), median(rates[1])]
}

/** A process and a database of its own for each. */
async function run(script: string, ...args: string[]): Promise<Readonly<Record<string, number | undefined>>> {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const file = fileURLToPath(new URL(script, import.meta.url))
  const flags = ['--conditions=@fullon/source', '--expose-gc', '--import', 'tsx']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, file, ...args, scratch.url])
  return JSON.parse(stdout)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function fixed(value: number | undefined, digits = 0): string {
  return (value ?? Number.NaN).toFixed(digits)
}

function print(what: string, value: string, { atLeast, atMost }: Aim = {}): void {
  const wanted = atLeast !== undefined ? `aim ≥ ${atLeast}` : atMost !== undefined ? `aim ≤ ${atMost}` : ''
  const holds = Number(value) >= (atLeast ?? -Infinity) && Number(value) <= (atMost ?? Infinity)
  const verdict = wanted === '' ? '' : holds ? 'holds' : 'MISSED'
  process.stdout.write(`${what.padEnd(52)} ${value.padStart(10)}  ${wanted.padEnd(10)} ${verdict}\n`)
}

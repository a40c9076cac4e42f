import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemClock } from '@fullon/market'
import { createSeededMarket, startSimulator } from '@fullon/simulator'
import { MORE, START, TRADES } from './flood.js'
import { median } from './median.js'
import { startFloodServer } from './start-flood-server.js'

// Run with `pnpm --filter @fullon/exchange bench`. Each line: what was measured, its aim, and whether it holds.
const ROUNDS = 3
const FIRST_CANDLE_RUNS = 5

const flood = await startFloodServer({ floods: true, trades: TRADES + MORE, start: START, active: 0 })
const rounds: Record<string, number[]> = { bare: [], seeded: [], plain: [], ours: [] }
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, measured] of Object.entries(rounds)) {
    const { rate = Number.NaN } = await run('throughput.ts', name, flood.url)
    measured.push(rate)
  }
}
flood.process.kill()
const [bare = 0, seeded = 0, plain = 0, ours = 0] = Object.values(rounds).map(median)
for (const [name, measured] of Object.entries(rounds)) print(`trades/s, ${name}`, median(measured).toFixed(0))
print('trades/s, ours : ccxt with seeded caches', ratio(ours, seeded), { atLeast: 0.8 })
print("trades/s, ours : ccxt's plain loop", ratio(ours, plain), { atLeast: 2 })
print('trades/s, ours : bare ws + JSON.parse', ratio(ours, bare))

const thousand = await run('thousand-symbols.ts')
print('1,000 symbols, MB resident', thousand.rssMb?.toFixed(0), { atMost: 300 })
print('1,000 symbols, MB of heap', thousand.heapMb?.toFixed(0))
print('1,000 symbols, % of a core', thousand.cpuPercent?.toFixed(1))
print('1,000 symbols, records/s', thousand.recordsPerSecond?.toFixed(0))
print('1,000 symbols, sockets', String(thousand.sockets))

const { refused, ...budgets } = await runRaw('budget-share.ts')
for (const [exchange, { mean, most }] of Object.entries(budgets as Record<string, { mean: number; most: number }>)) {
  print(`budget used in a backfill, ${exchange}`, mean.toFixed(3), { atLeast: 0.95 })
  print(`most of it in any window, ${exchange}`, most.toFixed(3), { atMost: 1 })
}
print('requests that were over the limit', String(refused), { atMost: 0 })

// As it is published: `import ccxt` is not compiled on the way either.
await promisify(execFile)(process.execPath, [path('../../../node_modules/typescript/bin/tsc'), '-b', path('..')])
const since = Date.now() - 86_400_000
await using simulator = await startSimulator({ market: createSeededMarket({ seed: 1, since }), clock: systemClock })
await fetch(`${simulator.url}/0/public/OHLC?pair=XXBTZUSD&interval=1`) // now its market is made
const first = await measure('ours', JSON.stringify({ kraken: simulator.ccxtOptions.kraken }))
const whole = await measure('ccxt')
print('ms to the first candle', first.elapsedMs.toFixed(0))
print('ms to `import ccxt`', whole.elapsedMs.toFixed(0))
print('time, first candle : import ccxt', ratio(first.elapsedMs, whole.elapsedMs), { atMost: 1 })
print('memory, first candle : import ccxt', ratio(first.rssMb, whole.rssMb), { atMost: 1 })

async function measure(...args: string[]): Promise<{ elapsedMs: number; rssMb: number }> {
  const runs: { elapsedMs: number; rssMb: number }[] = []
  for (let count = 0; count < FIRST_CANDLE_RUNS; count++) {
    const { stdout } = await promisify(execFile)(process.execPath, [path('first-candle.mjs'), ...args])
    runs.push(JSON.parse(stdout))
  }
  return { elapsedMs: median(runs.map((one) => one.elapsedMs)), rssMb: median(runs.map((one) => one.rssMb)) }
}

async function run(script: string, ...args: string[]): Promise<Readonly<Record<string, number>>> {
  return (await runRaw(script, ...args)) as Readonly<Record<string, number>> // cast: what these scripts print
}

async function runRaw(script: string, ...args: string[]): Promise<Readonly<Record<string, unknown>>> {
  const flags = ['--conditions=@fullon/source', '--expose-gc', '--import', 'tsx']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path(script), ...args])
  return JSON.parse(stdout)
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

function ratio(value: number, against: number): string {
  return (value / against).toFixed(2)
}

function print(what: string, value: string | undefined, aim: { atLeast?: number; atMost?: number } = {}): void {
  const { atLeast, atMost } = aim
  const wanted = atLeast !== undefined ? `aim ≥ ${atLeast}` : atMost !== undefined ? `aim ≤ ${atMost}` : ''
  const holds = Number(value) >= (atLeast ?? -Infinity) && Number(value) <= (atMost ?? Infinity)
  const verdict = wanted === '' ? '' : holds ? 'holds' : 'MISSED'
  process.stdout.write(`${what.padEnd(44)} ${String(value).padStart(8)}  ${wanted.padEnd(10)} ${verdict}\n`)
}

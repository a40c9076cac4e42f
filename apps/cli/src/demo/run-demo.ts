import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { configureLogger } from '@fullon/log'
import { openOhlcv } from '@fullon/ohlcv'
import { createSimulatedClock, type Simulator, startSimulator } from '@fullon/simulator'
import { CommandError } from '../command-error.js'
import { LiveTable } from '../live-table.js'
import { collect } from './collect.js'
import { configure, openDemoDatabase } from './demo-database.js'
import { DemoStateFile } from './demo-state.js'
import { compareWithFile } from './expected-candles.js'
import { printReport } from './print-report.js'
import { replayScenario, seededScenario } from './scenario.js'
import { type Published, verify } from './verify.js'

export interface DemoOptions {
  readonly dataDir: string
  readonly seed: number
  /** Of the simulated exchange; 0 = any free one. */
  readonly port: number
  readonly fresh?: boolean
  readonly json?: boolean
  /** A recording to publish instead of the seeded market. */
  readonly replay?: string
  readonly symbol?: string
  /** Candles to compare the stored ones with. */
  readonly expect?: string
}

const EXCHANGE = 'kraken'
const SPEED = 120

/** Collects a simulated exchange with the real service and verifies what is stored; whether all of it is right. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { dataDir, seed, port, fresh = false, json = false, replay, symbol, expect } = options
  const name = replay ? `replay_${createHash('sha256').update(replay).digest('hex').slice(0, 8)}` : `demo_${seed}`
  const stateFile = new DemoStateFile(dataDir, name)
  if (fresh) stateFile.delete()
  const state = replay ? undefined : stateFile.read()
  const scenario = replay ? replayScenario(replay, symbol) : seededScenario(seed, state)
  configureLogger({ console: false, filePath: join(dataDir, 'demo.log'), rotation: '10 MB', retention: '1' })
  const table = new LiveTable(json ? process.stderr : process.stdout)
  const logFiles = join(dataDir, 'demo.*.log')
  table.note(`collecting a simulated ${EXCHANGE} at ${SPEED} times real time; the service logs to ${logFiles}`)

  await using database = await openDemoDatabase({ dataDir: join(dataDir, 'postgres'), name, fresh })
  await configure(database.url, EXCHANGE, scenario.market.symbols, scenario.backtestDays)
  const clock = createSimulatedClock({ start: scenario.start, speed: SPEED })
  await using simulator = await listen(port, () => startSimulator({ market: scenario.market, clock, port }))
  await using ohlcv = await openOhlcv({ url: database.url })

  const wantedSince = await collect({
    url: database.url,
    exchange: EXCHANGE,
    scenario,
    clock,
    simulator,
    ohlcv,
    stateFile,
    state,
    table,
  })
  const verifiedSince = state?.verifiedSince ?? wantedSince
  const published = publishedBy(simulator, scenario.marketSince, clock.now())
  const verdict = await verify(database.url, published, { since: verifiedSince, until: scenario.target })
  stateFile.write({ marketSince: scenario.marketSince, verifiedSince, clock: clock.now() })
  const expected = expect ? await compareWithFile(database.url, expect) : undefined
  await printReport({
    verdict,
    expected,
    json,
    ohlcv,
    exchange: EXCHANGE,
    symbol: scenario.market.symbols[0] ?? '',
    table,
  })
  return verdict.missing + verdict.wrong + verdict.duplicate + (expected?.different ?? 0) === 0
}

/** All of the market up to now. */
function publishedBy({ truth }: Simulator, since: number, until: number): Published[] {
  return truth.symbols.map((symbol) => ({
    exchange: EXCHANGE,
    symbol,
    candles: truth.candles(symbol, '1m', { since, until }),
    trades: truth.trades(symbol, { since, until }),
  }))
}

async function listen(port: number, start: () => Promise<Simulator>): Promise<Simulator> {
  try {
    return await start()
  } catch (cause) {
    throw new CommandError(`demo: cannot listen on port ${port} (choose another --port, or leave it out)`, { cause })
  }
}

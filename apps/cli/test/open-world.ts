import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openScratchDatabase } from '@fullon/embedded'
import { createSeededMarket, createSimulatedClock, type Simulator, startSimulator } from '@fullon/simulator'
import { type Finished, makeDataDir, startCommand } from './run-command.js'
import { runInProcess } from './run-in-process.js'

const HOUR_MS = 3_600_000

export interface World extends AsyncDisposable {
  readonly simulator: Simulator
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  /** In this process, one after the other. */
  fullon(...args: string[]): Promise<Finished>
  /** What a command printed as JSON; it must have ended well. */
  json<T>(...args: string[]): Promise<T>
  /** In a process of its own. */
  start(...args: string[]): ReturnType<typeof startCommand>
}

export interface WorldOptions {
  readonly exchange?: 'binance' | 'kraken'
  readonly symbols?: readonly string[]
  /** How much history the exchange has. */
  readonly hours?: number
}

/** A simulated exchange that runs as the real time does, and an empty database. */
export async function openWorld({
  exchange = 'binance',
  symbols = ['BTC/USDT', 'ETH/USDT'],
  hours = 30,
}: WorldOptions = {}): Promise<World> {
  const now = Date.now()
  const clock = createSimulatedClock({ start: now, speed: 1 })
  const market = createSeededMarket({
    seed: 7,
    since: Math.floor(now / 60_000) * 60_000 - hours * HOUR_MS,
    symbols: symbols.map((symbol) => ({ symbol, price: 2_000, amount: 1, quiet: 0.2 })),
  })
  const simulator = await startSimulator({ market, clock, protocols: [exchange] })
  const dataDir = makeDataDir()
  const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const ccxtOptions = join(dataDir.path, 'ccxt.json')
  writeFileSync(ccxtOptions, JSON.stringify(simulator.ccxtOptions))
  const env = {
    DATABASE_URL: scratch.url,
    FULLON_CCXT_OPTIONS: ccxtOptions,
    FULLON_DATA_DIR: dataDir.path,
    HTTP_PORT: '0',
  }
  const start = (...args: string[]) => startCommand(args, env)
  const fullon = (...args: string[]) => runInProcess(args, env)
  return {
    simulator,
    dataDir: dataDir.path,
    env,
    start,
    fullon,
    async json(...args) {
      const { code, stdout, stderr } = await fullon(...args, '--json')
      if (code !== 0) throw new Error(`fullon ${args.join(' ')}: ended with ${code}: ${stderr}`)
      return JSON.parse(stdout)
    },
    async [Symbol.asyncDispose]() {
      await simulator.close()
      await scratch.close()
      dataDir[Symbol.dispose]()
    },
  }
}

import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createSeededMarket,
  createSimulatedClock,
  DEFAULT_SYMBOLS,
  type Simulator,
  startSimulator,
} from '@fullon/simulator'
import { onTestFinished, vi } from 'vitest'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const HISTORY_MS = 3 * 86_400_000 // more than any example asks for

/** A database of its own: the examples' keys have no prefix. */
export const redisUrl = process.env.TEST_REDIS_URL && new URL('/15', process.env.TEST_REDIS_URL).href

export interface World {
  readonly simulator: Simulator
  /** Where the examples' embedded Postgres is. */
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
}

/** kraken and binance, simulated in real time, with some days of history; all of it ends with the test file. */
export async function openWorld(): Promise<World & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'fullon-examples-'))
  await chmod(folder, 0o755) // for the account of the embedded Postgres
  const start = Date.now()
  const symbols = DEFAULT_SYMBOLS.map((one) => ({ ...one, tradesPerMinute: 40 })) // nobody waits long for the next
  const market = createSeededMarket({ seed: 1, since: start - HISTORY_MS, symbols })
  const clock = createSimulatedClock({ start, speed: 1 })
  const simulator = await startSimulator({ market, clock, protocols: ['kraken', 'binance'] })
  const [options, dataDir] = [join(folder, 'ccxt.json'), join(folder, 'data')]
  await writeFile(options, JSON.stringify(simulator.ccxtOptions))
  const env = { FULLON_CCXT_OPTIONS: options, FULLON_DATA_DIR: dataDir, LOG_LEVEL: 'info', LOG_FORMAT: 'json' }
  async function close(): Promise<void> {
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { simulator, dataDir, env, [Symbol.asyncDispose]: close }
}

export interface RunningExample {
  /** What it has written, to both ends. */
  readonly output: () => string
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<number | null>
}

/** Runs it from its source, as `npm run example NAME` does; it is killed when the test is over. */
export function startExample(name: string, env: Readonly<Record<string, string>>): RunningExample {
  const args = ['--conditions=@fullon/source', '--import', 'tsx', join(FOLDER, 'run.mjs'), name]
  const child = spawn(process.execPath, args, { cwd: FOLDER, env: { ...process.env, NO_COLOR: '1', ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { output: () => output, signal: (one) => void child.kill(one), ended }
}

/** Waits for what an example writes or does, long enough for a machine that is busy with other things. */
export async function until(fact: () => unknown): Promise<void> {
  await vi.waitUntil(fact, { timeout: 90_000, interval: 50 })
}

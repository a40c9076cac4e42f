import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SeedOptions, SeedResult } from './run-seed.js'
import type { SeedMessage } from './seed-entry.js'

const ENTRY = fileURLToPath(new URL('seed-entry.ts', import.meta.url))
const HOUR_MS = 3_600_000
/** Real time beside that of the faults: start, last faults, convergence, comparison. */
const REST_MS = 600_000

export type SeedOutcome = { readonly result: SeedResult } | { readonly error: string }

/** Runs one seed in a process of its own, for a bounded time. */
export async function runSeedProcess(options: Omit<SeedOptions, 'onStep'>): Promise<SeedOutcome> {
  const flags = [
    '--conditions=@fullon/source',
    '--import',
    'tsx',
    '--enable-source-maps',
    ENTRY,
    JSON.stringify(options),
  ]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  let step = 'its own start'
  let outcome: SeedOutcome | undefined
  let said = ''
  child.stderr?.on('data', (data) => {
    said = `${said}${data}`.slice(-2_000)
  })
  child.on('message', (message) => {
    const news = message as SeedMessage // cast: seed-entry sends these
    if ('step' in news) step = news.step
    else outcome = news
  })
  const limitMs = Math.round((options.hours * HOUR_MS) / options.speed) + REST_MS
  const timer = setTimeout(() => {
    outcome ??= { error: `hung in: ${step} (given up after ${limitMs} ms)` }
    child.disconnect() // it kills what it has started; the second call is for one that does not even hear this
    setTimeout(() => child.kill('SIGKILL'), 5_000).unref()
  }, limitMs)
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  return outcome ?? { error: `ended in: ${step}, exit ${code ?? signal}: ${said}` }
}

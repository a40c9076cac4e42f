// kraken, simulated, for the checks that run what the documents say. From the build.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from './packages.mjs'

const HISTORY_MS = 24 * 3_600_000

/** In real time, with a day of history. @returns {Promise<{ ccxtOptions: object, close: () => Promise<void> }>} */
export async function startSimulatedExchange() {
  const entry = join(ROOT, 'packages/simulator/dist/index.js')
  if (!existsSync(entry)) throw new Error('the simulator: expected a build (npm run build)')
  const { createSeededMarket, createSimulatedClock, startSimulator } = await import(pathToFileURL(entry))
  const start = Date.now()
  const market = createSeededMarket({ seed: 1, since: start - HISTORY_MS })
  return startSimulator({ market, clock: createSimulatedClock({ start, speed: 1 }) })
}

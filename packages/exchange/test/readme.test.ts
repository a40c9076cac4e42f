import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Candle, type Span, spansLengthMs, type Trade } from '@fullon/market'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { expect, it } from 'vitest'
import type { Budget, RequestCounts } from '../src/index.js'

const START = Date.UTC(2026, 0, 8)
const HOUR_MS = 3_600_000
const FOREVER: Span = { since: 0, until: 1e15 }

it('has a README whose example runs, and gives what was published', { timeout: 60_000 }, async () => {
  const clock = createSimulatedClock({ start: START, speed: 60 })
  const market = createSeededMarket({ seed: 1, since: START - 86_400_000 })
  await using simulator = await startSimulator({ market, clock })
  const shown = await run({ ccxtOptions: simulator.ccxtOptions, clock })
  // cast: what the example prints, in its order
  const [[count, covered, confirmedUntil, unavailable], [trade, budget, counts], [closed, span]] = shown as [
    [number, Span, number, unknown],
    [Trade, Budget, RequestCounts],
    [Candle[], Span],
  ]
  expect(covered.until - covered.since).toBeGreaterThan(HOUR_MS - 3 * 60_000)
  expect(count).toBe(spansLengthMs([covered]) / 60_000)
  expect(confirmedUntil).toBeGreaterThan(covered.since)
  expect(unavailable).toBeUndefined()
  expect(simulator.truth.trades('BTC/USD', FOREVER).map(({ id }) => id)).toContain(trade.id)
  expect(budget.weight).toBe(60)
  expect(counts.requests).toBeGreaterThan(3)
  const published = simulator.truth.candles('BTC/USD', '1m', span)
  expect(closed.filter(({ volume }) => volume > 0)).toEqual(published)
})

/** The example, on the simulator; gives what it would have printed. */
async function run(simulated: object): Promise<unknown[][]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(example.split('\n').length).toBeLessThan(20)
  const code = example
    .replace("'@fullon/exchange'", `'${fileURLToPath(new URL('../src/index.js', import.meta.url))}'`)
    .replace('new ExchangeQueue({', 'new ExchangeQueue({ ...simulated,')
    .replace('Date.now()', 'simulated.clock.now()')
    .replaceAll(/console\.log\((.*?)\)( \/\/.*)?$/gm, 'shown.push([$1])')
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  try {
    await writeFile(join(folder, 'example.ts'), `const { simulated, shown } = globalThis.readme\n${code}`)
    const shown: unknown[][] = []
    Object.assign(globalThis, { readme: { simulated, shown } })
    await import(join(folder, 'example.ts'))
    return shown
  } finally {
    await rm(folder, { recursive: true })
  }
}

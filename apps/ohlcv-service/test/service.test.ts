import { CandleRepository } from '@fullon/ohlcv'
import { afterAll, expect, it, vi } from 'vitest'
import { MINUTE_MS, openScene, untilLive, WAIT } from './scene.js'

const scene = await openScene({ seed: 11, speed: 240, symbols: { 'BTC/USD': {}, 'ADA/USD': {} } })
const { clock, db, simulator, expectComplete } = scene
let service = await scene.run()

afterAll(async () => {
  await service.close()
  await scene.close()
})

it('stores a day of history and the present exactly as published, through a dropped socket', {
  timeout: 120_000,
}, async () => {
  await untilLive(service, 4)
  const before = clock.now()
  simulator.faults.dropSockets()
  const isBack = ({ liveSince = 0 }: { liveSince?: number }) => liveSince > before
  await vi.waitFor(() => expect(service.status().every(isBack)).toBe(true), WAIT)
  await Promise.all(['BTC/USD', 'ADA/USD'].map((symbol) => expectComplete(symbol)))
})

it('builds from trades what lies beyond the 720 candles kraken serves', async () => {
  const { built, confirmed } = await new CandleRepository(scene.ohlcv, 'kraken', 'BTC/USD', '1m').coverage()
  expect(built[0]!.until - built[0]!.since).toBeGreaterThan(300 * MINUTE_MS) // 720 less what has passed since
  expect(confirmed[0]!.since).toBeLessThanOrEqual(built[0]!.since)
})

it('goes on after a restart with nothing missing in between', { timeout: 120_000 }, async () => {
  await service.close()
  await clock.sleep(15 * MINUTE_MS)
  service = await scene.run()
  const until = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
  await Promise.all(['BTC/USD', 'ADA/USD'].map((symbol) => expectComplete(symbol, until)))
})

it('picks up a new symbol while running, and one it cannot have holds up nobody', { timeout: 120_000 }, async () => {
  for (const symbol of ['NOPE/USD', 'ETH/USD']) {
    await db.symbols.addSymbol({ symbol, catExId: scene.catExId, backtest: 1 })
  }
  const status = (symbol: string) => service.status().filter((one) => one.symbol === symbol)
  await vi.waitFor(() => expect(status('NOPE/USD')[0]?.error).toMatch(/NOPE\/USD/), WAIT)
  await expectComplete('ETH/USD', Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS)
})

it('stops a removed symbol and keeps what it stored', { timeout: 120_000 }, async () => {
  const row = await db.symbols.getBySymbol('ETH/USD')
  await db.symbols.removeSymbol(row!.symbolId)
  await vi.waitFor(() => expect(service.status().map(({ symbol }) => symbol)).not.toContain('ETH/USD'), WAIT)
  expect(await new CandleRepository(scene.ohlcv, 'kraken', 'ETH/USD', '1m').getLatestTimestamp()).toBeDefined()
})

import { lagMs } from '@fullon/daemon'
import { CandleRepository } from '@fullon/ohlcv'
import { expect, it, vi } from 'vitest'
import { MINUTE_MS, openScene, untilLive, WAIT } from './scene.js'

it.each([
  { exchange: 'kraken', trades: 'off', live: 1, path: '/0/public/OHLC' },
  { exchange: 'coinbaseexchange', trades: 'auto', live: 2, path: '/products/ADA-USD/candles' }, // quiet for minutes at a time
] as const)(
  'asks $exchange for candles about once an audit when history is in, not once a minute',
  {
    timeout: 240_000,
  },
  async ({ exchange, trades, live, path }) => {
    await using scene = await openScene({
      exchange,
      speed: 60,
      params: { trades },
      symbols: { 'ADA/USD': { backtest: 0 } },
    })
    await using service = await scene.run({ auditEveryMs: 10 * MINUTE_MS })
    await untilLive(service, live)
    await scene.clock.sleep(15 * MINUTE_MS) // the first audits
    const pages = () => scene.simulator.counts.requests[path] ?? 0
    const before = pages()
    await scene.clock.sleep(40 * MINUTE_MS)
    expect(pages() - before).toBeGreaterThan(1)
    expect(pages() - before).toBeLessThan(32) // 4 audits; a stream that a busy machine interrupts costs some more
  },
)

it('stores, counts and shows what the exchange corrects after a candle closed', { timeout: 240_000 }, async () => {
  await using scene = await openScene({ params: { trades: 'off' }, symbols: { 'BTC/USD': { backtest: 0 } } })
  await using service = await scene.run()
  await untilLive(service, 1)
  const { simulator, clock, ohlcv } = scene
  const repo = new CandleRepository(ohlcv, 'kraken', 'BTC/USD', '1m')
  for (let minute = 0; minute < 8; minute++) {
    simulator.faults.inject({ kind: 'correction', delayMs: 2 * MINUTE_MS }) // after it settled, before its audit
    await clock.sleep(MINUTE_MS)
  }
  const since = clock.now()
  await vi.waitFor(() => expect(service.status()[0]!.corrected).toBeGreaterThan(0), WAIT)
  const until = Math.floor(since / MINUTE_MS) * MINUTE_MS
  const span = { since: until - 8 * MINUTE_MS, until }
  await vi.waitFor(async () => expect(await repo.gaps({ ...span, strength: 'confirmed' })).toEqual([]), WAIT)
  expect(await repo.getCandles(span)).toEqual(simulator.truth.candles('BTC/USD', '1m', span))
})

it('a delisted symbol is named as not to be had, and is not late', { timeout: 240_000 }, async () => {
  await using scene = await openScene({ speed: 360, symbols: { 'ADA/USD': {}, 'BTC/USD': {} } })
  await using service = await scene.run()
  await untilLive(service, 4)
  scene.simulator.faults.inject({ kind: 'delist', symbol: 'ADA/USD' })
  const repo = new CandleRepository(scene.ohlcv, 'kraken', 'ADA/USD', '1m')
  const delisted = expect.objectContaining({ reason: expect.stringMatching(/delisted/) })
  await vi.waitFor(async () => expect((await repo.coverage()).unavailable).toContainEqual(delisted), WAIT)
  await vi.waitFor(() => {
    const ofSymbol = service.status().filter(({ symbol }) => symbol === 'ADA/USD')
    expect(ofSymbol.map(({ unavailable }) => unavailable)).toEqual(Array(2).fill(expect.stringMatching(/delisted/)))
    expect(ofSymbol.map((one) => lagMs(one, scene.clock.now()))).toEqual([0, 0])
  }, WAIT)
  await scene.expectComplete('BTC/USD')
})

it('an exchange that cannot be reached holds up no other', { timeout: 240_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': {} } })
  const { db } = scene
  const { uid } = (await db.users.getFirstAdmin())!
  for (const name of ['binance', 'nosuchexchange']) {
    const catExId = await db.exchanges.installExchange(name)
    await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    await db.symbols.addSymbol({ symbol: 'BTC/USDT', catExId, backtest: 1 })
  }
  const dead = { urls: { api: { public: 'http://127.0.0.1:1', ws: { spot: 'ws://127.0.0.1:1' } } } }
  await using service = await scene.run({ ccxtOptions: { ...scene.simulator.ccxtOptions, binance: dead } })
  await scene.expectComplete('ADA/USD')
  const states = service.status().map(({ exchange, error }) => [exchange, error !== undefined])
  expect(states).toContainEqual(['binance', true])
  expect(states.filter(([exchange]) => exchange === 'kraken')).toEqual([
    ['kraken', false],
    ['kraken', false],
  ])
})

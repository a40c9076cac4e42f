import { CandleRepository, TradeRepository } from '@fullon/ohlcv'
import { expect, it, vi } from 'vitest'
import { DAY_MS, freePort, MINUTE_MS, openScene, untilLive, WAIT } from './scene.js'

it('only opens an older gap when more history is asked for: its collectors go on', { timeout: 180_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': { backtest: 0 } } })
  await using service = await scene.run()
  await untilLive(service, 2)
  const collectors = service.status()
  const { symbolId } = (await scene.db.symbols.getBySymbol('ADA/USD'))!
  await scene.db.symbols.updateSymbol(symbolId, { backtest: 1 })
  await scene.expectComplete('ADA/USD')
  for (const [index, status] of service.status().entries()) expect(status).toBe(collectors[index]) // they go on
})

it('lets go of an exchange that is deactivated, sockets and all, and follows it again later', {
  timeout: 180_000,
}, async () => {
  await using scene = await openScene({ symbols: { 'BTC/USD': {}, 'ADA/USD': {} } })
  const port = await freePort()
  await using service = await scene.run({ http: { port } })
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  await untilLive(service, 4)
  expect(await metrics()).toContain('fullon_exchange_requests_total{exchange="kraken"}')
  await scene.db.exchanges.deactivateExchange(scene.exId)
  await vi.waitFor(() => expect(scene.simulator.counts.socketsOpen).toBe(0), WAIT)
  // Its client is closed, too, which holds the exchange's markets in memory.
  await vi.waitFor(async () => expect(await metrics()).not.toContain('fullon_exchange_requests_total{'), WAIT)
  expect(service.status()).toEqual([])
  await scene.db.exchanges.activateExchange(scene.exId)
  await untilLive(service, 4)
})

it('leaves symbols alone that have only a ticker, and trades where they are off', { timeout: 180_000 }, async () => {
  const symbols = { 'BTC/USD': { onlyTicker: true }, 'ADA/USD': { backtest: 2 } }
  await using scene = await openScene({ params: { trades: 'off' }, symbols })
  await using service = await scene.run()
  const candles = new CandleRepository(scene.ohlcv, 'kraken', 'ADA/USD', '1m')
  // Without trades what kraken's 720 candles do not reach is named as not to be had.
  await vi.waitFor(async () => {
    const wanted = { since: scene.clock.now() - 2 * DAY_MS + MINUTE_MS, until: scene.clock.now() - 30 * MINUTE_MS }
    expect(await candles.gaps({ ...wanted, strength: 'confirmed' })).toEqual([])
  }, WAIT)
  const { unavailable, covered } = await candles.coverage()
  expect(unavailable.map(({ reason }) => reason)).toEqual([expect.stringMatching(/720/)])
  expect(covered[0]!.since).toBeGreaterThan(scene.clock.now() - DAY_MS)
  expect(await new TradeRepository(scene.ohlcv, 'kraken', 'ADA/USD').getLatestTimestamp()).toBeUndefined()
  expect(service.status().map(({ symbol, kind }) => [symbol, kind])).toEqual([
    ['ADA/USD', 'candles'],
    ['ADA/USD', 'trades'],
  ])
})

it('keeps trades as long as it is told to and does not fetch again what it dropped', { timeout: 180_000 }, async () => {
  const params = { trades: 'on', keep_trades: '0.25' }
  await using scene = await openScene({ params, symbols: { 'ADA/USD': {} } })
  await using _service = await scene.run()
  const trades = new TradeRepository(scene.ohlcv, 'kraken', 'ADA/USD')
  const candles = new CandleRepository(scene.ohlcv, 'kraken', 'ADA/USD', '1m')
  const candlesAreFinal = async () => {
    const wanted = { since: scene.clock.now() - DAY_MS + MINUTE_MS, until: scene.clock.now() - 30 * MINUTE_MS }
    expect(await candles.gaps({ ...wanted, strength: 'confirmed' })).toEqual([])
  }
  await vi.waitFor(candlesAreFinal, WAIT) // built from trades of a whole day, which are not kept that long
  const keepsLittle = async () =>
    expect(await trades.getOldestTimestamp()).toBeGreaterThan(scene.clock.now() - DAY_MS / 2)
  await vi.waitFor(keepsLittle, WAIT)
  let oldest = 0
  for (let step = 0; step < 15; step++) {
    const seen = (await trades.getOldestTimestamp()) ?? 0
    expect(seen).toBeGreaterThanOrEqual(oldest) // what was dropped does not come back
    oldest = seen
    await scene.clock.sleep(5 * MINUTE_MS)
  }
  await keepsLittle()
  await vi.waitFor(candlesAreFinal, WAIT)
})

import type { Logger } from '@fullon/log'
import { CandleRepository } from '@fullon/ohlcv'
import { expect, it, vi } from 'vitest'
import { MINUTE_MS, openScene, quietLog, untilLive, WAIT } from './scene.js'

const FIVE_MS = 5 * MINUTE_MS

it('stores the timeframe that a symbol has, and the test environment of an exchange apart from it', {
  timeout: 180_000,
}, async () => {
  await using scene = await openScene({ exchange: 'binance', symbols: { 'ADA/USD': { updateframe: '5m' } } })
  const { uid } = (await scene.db.users.getFirstAdmin())!
  const { catExId, clock, simulator } = scene
  await scene.db.exchanges.addUserExchange({ uid, catExId, name: 'its_sandbox', test: true })
  const options = simulator.ccxtOptions.binance as { urls: { api: object } } // cast: as the simulator makes them
  const binance = { ...options, urls: { ...options.urls, test: options.urls.api } }
  await using service = await scene.run({ ccxtOptions: { binance } })
  await untilLive(service, 4)
  const shown = service.status().map(({ sandbox, kind }) => [sandbox, kind])
  expect(shown).toEqual(expect.arrayContaining([false, true].map((sandbox) => [sandbox, 'candles'])))
  const until = Math.floor(clock.now() / FIVE_MS) * FIVE_MS
  const span = { since: until - 100 * FIVE_MS, until }
  const expected = simulator.truth.candles('ADA/USD', '5m', span)
  expect(expected.length).toBeGreaterThan(50)
  for (const sandbox of [false, true]) {
    const candles = new CandleRepository(scene.ohlcv, 'binance', 'ADA/USD', '5m', { sandbox })
    await vi.waitFor(async () => expect(await candles.gaps({ ...span, strength: 'confirmed' })).toEqual([]), WAIT)
    expect((await candles.getCandles(span)).map(({ volume: _, ...row }) => row)).toEqual(
      expected.map(({ volume: _, ...row }) => row),
    )
  }
})

it('counts and logs what the audit found that the exchange does not have', { timeout: 180_000 }, async () => {
  await using scene = await openScene({ params: { trades: 'off' }, symbols: { 'ADA/USD': {} } })
  const { clock, simulator } = scene
  const until = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS
  const span = { since: until - 300 * MINUTE_MS, until }
  const truth = simulator.truth.candles('ADA/USD', '1m', span)
  const times = new Set(truth.map(({ timestamp }) => timestamp))
  const quiet = Array.from({ length: 300 }, (_, index) => span.since + index * MINUTE_MS).find(
    (time) => !times.has(time),
  )
  expect(quiet).toBeDefined() // a minute without a trade
  const candles = new CandleRepository(scene.ohlcv, 'kraken', 'ADA/USD', '1m')
  const wrong = { timestamp: quiet!, open: 1, high: 1, low: 1, close: 1, volume: 1 }
  await candles.saveCandles({ rows: [wrong], covered: { since: quiet!, until: quiet! + MINUTE_MS } })
  const infos: object[] = []
  const log: Logger = Object.assign(Object.create(quietLog()), {
    child: () => log,
    info: (fields: object, message: string) => infos.push({ ...fields, message }),
  })
  await using service = await scene.run({ log })
  await vi.waitFor(() => expect(service.status()[0]!.deleted).toBe(1), WAIT)
  expect(infos).toContainEqual(expect.objectContaining({ deleted: 1, message: 'stored rows were not right any more' }))
  await vi.waitFor(async () => expect(await candles.gaps({ ...span, strength: 'confirmed' })).toEqual([]), WAIT)
  expect(await candles.getCandles(span)).toEqual(truth)
})

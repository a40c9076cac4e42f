import { CandleRepository, TradeRepository } from '@fullon/ohlcv'
import { expect, it, vi } from 'vitest'
import { MINUTE_MS, openScene, untilLive, WAIT } from './scene.js'

it('names a delisting as the reason for what can no longer be had, for candles and for trades', {
  timeout: 180_000,
}, async () => {
  await using scene = await openScene({ symbols: { 'BTC/USD': {}, 'ETH/USD': {} }, speed: 240 })
  await using service = await scene.run()
  await untilLive(service, 4)
  scene.simulator.faults.inject({ kind: 'delist', symbol: 'BTC/USD' })
  const since = Math.floor(scene.clock.now() / MINUTE_MS) * MINUTE_MS + 5 * MINUTE_MS
  const wanted = { since, until: since + 30 * MINUTE_MS }
  for (const repository of [
    new CandleRepository(scene.ohlcv, 'kraken', 'BTC/USD', '1m'),
    new TradeRepository(scene.ohlcv, 'kraken', 'BTC/USD'),
  ]) {
    const [mark] = await vi.waitFor(async () => {
      expect(await repository.gaps(wanted)).toEqual([])
      const { unavailable } = await repository.coverage()
      return unavailable.filter(({ until }) => until > wanted.since)
    }, WAIT)
    expect(mark).toMatchObject({ reason: 'BTC/USD: delisted' })
    const [other] = (await repository.coverage()).unavailable.filter(({ reason }) => !reason.includes('delisted'))
    expect(other?.until ?? 0).toBeLessThan(since)
  }
  await scene.expectComplete('ETH/USD')
})

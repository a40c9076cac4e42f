import { OHLCVCache, openCache, ProcessCache } from '@fullon/cache'
import { expect, it, vi } from 'vitest'
import { openScene, WAIT } from './scene.js'

const server = process.env.TEST_REDIS_URL

it.skipIf(!server)(
  'shows monitors each series and its newest candles in Redis (skipped without TEST_REDIS_URL)',
  { timeout: 120_000 },
  async () => {
    const redisUrl = new URL('/12', server).href // a database of its own: the keys are those of a real deployment
    await using scene = await openScene({ params: {}, symbols: { 'BTC/USD': {} } })
    await using cache = await openCache({ url: redisUrl, clock: scene.clock })
    const processes = new ProcessCache(cache)
    await using service = await scene.run({ redisUrl })
    const running = await vi.waitFor(async () => {
      const daemon = await processes.getComponentStatus('ohlcv:daemon')
      const candles = await processes.getComponentStatus('ohlcv:kraken:BTC/USD')
      expect(daemon).toMatchObject({ status: 'running', processType: 'ohlcv', params: { series: 2 } })
      expect(candles).toMatchObject({ status: 'running', processType: 'ohlcv', params: { gaps: 0, error: null } })
      return [daemon!, candles!]
    }, WAIT)
    const newest = new OHLCVCache(cache)
    const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const
    await vi.waitFor(async () => expect((await newest.getLatestCandles(series, 5)).length).toBeGreaterThan(0), WAIT)
    await vi.waitFor(async () => expect(await newest.getForming(series)).toBeDefined(), WAIT)
    await service.close()
    for (const { processId } of running) {
      expect(await processes.getProcess(processId)).toMatchObject({ status: 'stopped' })
    }
    const own = [cache.keys.candles(series), cache.keys.formingCandle(series)]
    const data = running.map(({ processId }) => cache.keys.processData(processId))
    await cache.driver.run([...own, ...data].map((key) => ({ op: 'delete', key })))
  },
)

import { OHLCVCache, openCache, ProcessCache } from '@fullon/cache'
import { openScratchDatabase } from '@fullon/embedded'
import { configureLogger, getComponentLogger } from '@fullon/log'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { expect, it, vi } from 'vitest'
import { runService } from '../src/index.js'

const server = process.env.TEST_REDIS_URL
const WAIT = { timeout: 60_000, interval: 100 }

it.skipIf(!server)(
  'shows monitors each series and its newest candles in Redis (skipped without TEST_REDIS_URL)',
  { timeout: 120_000 },
  async () => {
    configureLogger({ level: 'critical' })
    const redisUrl = new URL('/15', server).href // a database of its own: the keys are those of a real deployment
    await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    const since = Date.UTC(2026, 0, 5)
    const clock = createSimulatedClock({ start: since + 4 * 3_600_000, speed: 120 })
    await using simulator = await startSimulator({ market: createSeededMarket({ seed: 5, since }), clock })
    await using db = await DatabaseContext.open({ url: scratch.url })
    const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
    const catExId = await db.exchanges.installExchange('kraken')
    await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId, backtest: 1 })

    await using cache = await openCache({ url: redisUrl, clock })
    const processes = new ProcessCache(cache)
    const log = getComponentLogger('fullon.ohlcv.daemon')
    const service = await runService({
      databaseUrl: scratch.url,
      redisUrl,
      ccxtOptions: simulator.ccxtOptions,
      clock,
      log,
    })
    const component = 'ohlcv:kraken:BTC/USD'
    await vi.waitFor(
      async () =>
        expect(await processes.getComponentStatus(component)).toMatchObject({
          status: 'running',
          processType: 'ohlcv',
        }),
      WAIT,
    )
    const newest = new OHLCVCache(cache)
    const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const
    await vi.waitFor(async () => expect((await newest.getLatestCandles(series, 5)).length).toBeGreaterThan(0), WAIT)
    const running = await processes.getComponentStatus(component)
    await service.close()
    expect(await processes.getProcess(running!.processId)).toMatchObject({ status: 'stopped' })
    const own = [
      cache.keys.candles(series),
      cache.keys.formingCandle(series),
      cache.keys.processData(running!.processId),
    ]
    await cache.driver.run(own.map((key) => ({ op: 'delete', key })))
  },
)

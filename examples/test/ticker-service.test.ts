import { openCache, ProcessCache, TickCache } from '@fullon/cache'
import { openScratchDatabase } from '@fullon/embedded'
import { DatabaseContext } from '@fullon/orm'
import { expect, it } from 'vitest'
import { openWorld, redisUrl, startExample, until } from './run-example.js'

/** An admin with an account on binance, and three symbols of which one is not active. */
async function configure(url: string): Promise<void> {
  await using db = await DatabaseContext.open({ url })
  const { uid } = await db.users.addUser({ mail: 'admin@fullon', role: 'admin' })
  const catExId = await db.exchanges.installExchange('binance')
  await db.exchanges.addUserExchange({ uid, catExId, name: 'ticker_account' })
  for (const symbol of ['BTC/USD', 'ETH/USD', 'SOL/USD'])
    await db.symbols.addSymbol({ symbol, catExId, active: symbol !== 'SOL/USD' })
}

it.skipIf(!redisUrl)(
  'the ticker service keeps every active symbol’s price in Redis (needs TEST_REDIS_URL)',
  {
    timeout: 180_000,
  },
  async () => {
    await using world = await openWorld()
    await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    await configure(scratch.url)
    await using cache = await openCache({ url: redisUrl })
    const [ticks, processes] = [new TickCache(cache), new ProcessCache(cache)]
    const startedAt = Date.now()
    const service = startExample('ticker-service', { ...world.env, DATABASE_URL: scratch.url, REDIS_URL: redisUrl! })
    const pricesOf = async () => {
      const fresh = [...(await ticks.getAllTickers({ exchange: 'binance' }))].filter(
        ([, tick]) => tick.timestamp > startedAt,
      )
      return Object.fromEntries(fresh)
    }
    await until(async () => Object.keys(await pricesOf()).length >= 2)
    for (const [symbol, { timestamp, last }] of Object.entries(await pricesOf())) {
      expect(['BTC/USD', 'ETH/USD']).toContain(symbol)
      const trades = world.simulator.truth.trades(symbol, { since: startedAt - 600_000, until: timestamp + 1 })
      expect(trades.slice(-5).map(({ price }) => price)).toContain(last)
    }
    const running = async () => {
      const listed = await processes.getActiveProcesses({ type: 'tick' })
      return listed
        .filter(({ status }) => status === 'running')
        .map(({ component }) => component)
        .toSorted()
    }
    await until(async () => (await running()).length >= 2)
    expect(await running()).toEqual(['binance:BTC/USD', 'binance:ETH/USD'])

    world.simulator.faults.dropSockets()
    const droppedAt = Date.now()
    await until(async () => Object.values(await pricesOf()).every(({ timestamp }) => timestamp > droppedAt))
    service.signal('SIGTERM')
    expect(await service.ended, service.output()).toBe(0)
    expect(await running()).toEqual([])
  },
)

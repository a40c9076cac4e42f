import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { openCache, ProcessCache, TickCache } from '@fullon/cache'
import { openScratchDatabase } from '@fullon/embedded'
import { DatabaseContext } from '@fullon/orm'
import { expect, it } from 'vitest'
import { openWorld, redisUrl, startExample, until, type World } from './run-example.js'

/** An admin with an account on binance, and three symbols of which one is not active. */
async function configure(url: string): Promise<void> {
  await using db = await DatabaseContext.open({ url })
  const { uid } = await db.users.addUser({ mail: 'admin@fullon', role: 'admin' })
  const catExId = await db.exchanges.installExchange('binance')
  await db.exchanges.addUserExchange({ uid, catExId, name: 'ticker_account' })
  for (const symbol of ['BTC/USD', 'ETH/USD', 'SOL/USD'])
    await db.symbols.addSymbol({ symbol, catExId, active: symbol !== 'SOL/USD' })
}

function published({ simulator }: World, symbol: string, since: number): number {
  return simulator.truth.trades(symbol, { since, until: Date.now() }).length
}

/** A way to Redis that can be shut, which ends what goes through it. */
async function openDoor(target: URL) {
  const sockets = new Set<Socket>()
  let isOpen = true
  const server = createServer((socket) => {
    const far = connect(Number(target.port || 6379), target.hostname)
    for (const one of [socket, far]) sockets.add(one.on('error', () => {}))
    if (isOpen) socket.pipe(far).pipe(socket)
    else shut()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  function shut(): void {
    isOpen = false
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const open = () => {
    isOpen = true
  }
  async function close(): Promise<void> {
    server.close()
    shut()
  }
  return { url: url.href, shut, open, [Symbol.asyncDispose]: close }
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
    await using redis = await openDoor(new URL(redisUrl!))
    const service = startExample('ticker-service', { ...world.env, DATABASE_URL: scratch.url, REDIS_URL: redis.url })
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

    redis.shut()
    const shutAt = Date.now()
    await until(() => published(world, 'BTC/USD', shutAt) > 2 && published(world, 'ETH/USD', shutAt) > 2)
    redis.open()
    const openedAt = Date.now()
    await until(async () => Object.values(await pricesOf()).every(({ timestamp }) => timestamp > openedAt))
    expect(service.output()).toContain('redis is away')
    expect(service.output()).not.toContain('subscribing again')

    world.simulator.faults.dropSockets()
    const droppedAt = Date.now()
    await until(async () => Object.values(await pricesOf()).every(({ timestamp }) => timestamp > droppedAt))
    service.signal('SIGTERM')
    expect(await service.ended, service.output()).toBe(0)
    expect(await running()).toEqual([])
  },
)

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { openCache, ProcessCache, TradesCache } from '@fullon/cache'
import type { Logger } from '@fullon/log'
import { expect, it, vi } from 'vitest'
import { MINUTE_MS, openScene, quietLog, untilLive, WAIT } from './scene.js'

const server = process.env.TEST_REDIS_URL
const DATABASE = '/13' // of its own: the keys are those of a real deployment

it.skipIf(!server)(
  'a Redis that goes is said once and comes back by itself; a service it hears no more of is stale (skipped without TEST_REDIS_URL)',
  { timeout: 120_000 },
  async () => {
    await using scene = await openScene({ speed: 30, symbols: { 'BTC/USD': {} } })
    await using cache = await openCache({ url: new URL(DATABASE, server).href, clock: scene.clock })
    await using wire = await openWire(new URL(server!))
    const warnings: string[] = []
    const log: Logger = Object.assign(Object.create(quietLog()), {
      child: () => log,
      warn: (_: object, message: string) => warnings.push(message),
    })
    const service = await scene.run({ redisUrl: `redis://127.0.0.1:${wire.port}${DATABASE}`, log })
    await untilLive(service, 2)
    const [processes, newest] = [new ProcessCache(cache), new TradesCache(cache)]
    const series = { exchange: 'kraken', symbol: 'BTC/USD' }
    const newestTrade = async () => (await newest.getTrades(series)).at(-1)?.timestamp ?? 0
    const since = scene.clock.now()
    await vi.waitFor(async () => expect(await newestTrade()).toBeGreaterThan(since), WAIT)
    await vi.waitFor(async () => expect(await processes.getComponentStatus('ohlcv:daemon')).toBeDefined(), WAIT)

    wire.cut()
    const rows = () => service.status().reduce((sum, one) => sum + one.rows, 0)
    const before = rows()
    await scene.clock.sleep(3 * MINUTE_MS)
    await vi.waitFor(() => expect(rows()).toBeGreaterThan(before), WAIT) // storing goes on
    const said = ['redis is away, reconnecting', 'newest records not published, storing goes on', 'health not reported']
    const ofRedis = () => warnings.filter((message) => said.includes(message)).sort()
    await vi.waitFor(() => expect(ofRedis()).toEqual(said.toSorted()), WAIT)

    wire.mend()
    const mended = scene.clock.now()
    await vi.waitFor(async () => expect(await newestTrade()).toBeGreaterThan(mended), WAIT)
    expect(ofRedis()).toHaveLength(3)

    const running = (await processes.getComponentStatus('ohlcv:daemon'))!
    const staleAt = async () => (await processes.getSystemHealth()).staleProcesses
    wire.cut() // as if it was killed: it cannot say that it stops
    await service.close()
    await vi.waitFor(async () => expect(await staleAt()).toBeGreaterThan(0), WAIT)
    expect((await processes.getSystemHealth()).healthy).toBe(false)
    const components = ['ohlcv:daemon', 'ohlcv:kraken:BTC/USD', 'ohlcv:kraken:BTC/USD:trades']
    const ids = await Promise.all(components.map((name) => processes.getComponentStatus(name)))
    const data = [running, ...ids].flatMap((one) => (one ? [cache.keys.processData(one.processId)] : []))
    await cache.driver.run([...data, cache.keys.trades(series)].map((key) => ({ op: 'delete', key })))
  },
)

/** A way to `target` that can be cut. */
async function openWire(target: URL) {
  const sockets = new Set<Socket>()
  let isCut = false
  const listener = createServer((client) => {
    if (isCut) return void client.destroy()
    const redis = connect(Number(target.port || 6379), target.hostname)
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo // cast: it listens on a port, not on a pipe
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  const mend = () => {
    isCut = false
  }
  const close = async () => {
    cut()
    listener.close()
  }
  return { port, cut, mend, [Symbol.asyncDispose]: close }
}

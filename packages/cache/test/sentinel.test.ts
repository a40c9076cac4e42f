import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { OHLCVCache, openCache } from '../src/index.js'
import { get, set, works } from './support/outage.js'
import { hasRedisServer, RedisServer } from './support/redis-server.js'
import { waitUntil } from './support/wait-until.js'

const NAME = 'fullon'
const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const
const candle = { timestamp: Date.parse('2024-01-01'), open: 1, high: 2, low: 1, close: 2, volume: 3 }

describe.skipIf(!hasRedisServer)('Sentinel (needs redis-server on the PATH)', () => {
  it('asks the Sentinels who the master is, and follows when it is another', async () => {
    await using master = await RedisServer.open()
    await using other = await RedisServer.open()
    await using sentinel = await RedisServer.openSentinel(NAME, master.port, await makeFolder())
    const redis = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: NAME }
    await using cache = await openCache({ redis, timeoutMs: 500 })
    await cache.driver.run([set])
    expect(await master.command('get', 'a')).toBe('1')
    // What Sentinels agree on when a master dies, without waiting for their agreement.
    await sentinel.command('sentinel', 'remove', NAME)
    await sentinel.command('sentinel', 'monitor', NAME, '127.0.0.1', String(other.port), '1')
    await other.command('set', 'a', 'of the other')
    await master.kill()
    await waitUntil('it works with the other', () => cache.driver.run([get]).catch(() => undefined))
    expect(await cache.driver.run([get])).toEqual(['of the other'])
  })

  it('follows the replica that three Sentinels elect when the master dies, and the watches too', {
    timeout: 90_000,
  }, async () => {
    await using master = await RedisServer.open()
    const replicaOf = ['--save', '', '--replicaof', '127.0.0.1', String(master.port)]
    await using replica = await RedisServer.open({ args: replicaOf })
    const folder = await makeFolder()
    const openSentinel = () => RedisServer.openSentinel(NAME, master.port, folder, 2)
    await using first = await openSentinel()
    await using second = await openSentinel()
    await using third = await openSentinel()
    const sentinels = [first, second, third]
    await waitUntil('each Sentinel knows the others and the replica', async () => {
      const known = await Promise.all(sentinels.map((one) => one.command('sentinel', 'ckquorum', NAME).catch(() => '')))
      const replicas = await Promise.all(sentinels.map((one) => one.command('sentinel', 'replicas', NAME)))
      return (
        known.every((text) => String(text).startsWith('OK 3 usable')) && replicas.every((list) => String(list) !== '')
      )
    })
    const redis = { sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })), name: NAME }
    await using cache = await openCache({ redis, timeoutMs: 500 })
    const ohlcv = new OHLCVCache(cache)
    const changes = ohlcv.watch(series)
    await changes.next()
    await ohlcv.updateCandles(series, [candle])
    expect(await changes.next()).toMatchObject({ value: { candles: [candle], missed: false } })
    await waitUntil('the replica has it', async () => String(await replica.command('dbsize')) === '1')

    await master.kill()
    expect(await changes.next()).toEqual({ done: false, value: { candles: [], missed: true } })
    await waitUntil('it writes again', () => works(cache, set))
    expect(await replica.command('get', 'a')).toBe('1') // it alone is there
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle])
    await changes.return()
  })

  it('looks for the master again when the one it knows was made a replica and keeps its connections', async () => {
    await using master = await RedisServer.open()
    await using other = await RedisServer.open()
    await using sentinel = await RedisServer.openSentinel(NAME, master.port, await makeFolder())
    const redis = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: NAME }
    await using cache = await openCache({ redis, timeoutMs: 500 })
    await cache.driver.run([set])
    await sentinel.command('sentinel', 'remove', NAME)
    await sentinel.command('sentinel', 'monitor', NAME, '127.0.0.1', String(other.port), '1')
    await master.command('replicaof', '127.0.0.1', String(other.port))
    await expect(cache.driver.run([set])).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
    await waitUntil('it writes to the other', () => works(cache, set))
    expect(await other.command('get', 'a')).toBe('1')
  })

  it('opens within its time limit when no Sentinel answers, says so, and works when one does', async () => {
    await using master = await RedisServer.open()
    await using sentinel = await RedisServer.openSentinel(NAME, master.port, await makeFolder())
    await sentinel.kill()
    const redis = { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: NAME }
    await using cache = await openCache({ redis, timeoutMs: 500 })
    const refused = cache.driver.run([get])
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(refused).rejects.toThrow('redis fullon of sentinels: expected a connection, got All sentinels')
    await sentinel.start()
    await waitUntil('it works', () => works(cache, set))
  })
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fullon-sentinel-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

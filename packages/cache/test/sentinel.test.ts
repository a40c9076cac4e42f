import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openCache } from '../src/index.js'
import { hasRedisServer, RedisServer } from './support/redis-server.js'
import { waitUntil } from './support/wait-until.js'

const NAME = 'fullon'
const get = { op: 'get', key: 'a' } as const
const set = { op: 'set', key: 'a', value: '1', ttlMs: 60_000 } as const

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
    await waitUntil('it writes to the other', () =>
      cache.driver.run([set]).then(
        () => true,
        () => false,
      ),
    )
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
    await waitUntil('it works', () =>
      cache.driver.run([set]).then(
        () => true,
        () => false,
      ),
    )
  })
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fullon-sentinel-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

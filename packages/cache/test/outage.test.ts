import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type CacheError, openCache, ProcessCache } from '../src/index.js'
import { fails, get, listener, set, setUp, TIMEOUT_MS, UNAVAILABLE, works } from './support/outage.js'
import { hasRedisServer, RedisServer } from './support/redis-server.js'
import { waitUntil } from './support/wait-until.js'

describe.skipIf(!hasRedisServer)('when Redis is away (needs redis-server on the PATH)', () => {
  it('fails at once instead of holding callers, and is back by itself when Redis is', async () => {
    const { proxy, cache, log } = await setUp()
    await cache.driver.run([set])
    proxy.refuse()
    await waitUntil('the loss is noticed', () => fails(cache))
    await expect(cache.driver.run([get])).rejects.toMatchObject(UNAVAILABLE)
    await waitUntil('it has tried to reconnect', () => log.length > 0)
    proxy.heal()
    await waitUntil('it works again', () => works(cache))
    expect(await cache.driver.run([get])).toEqual(['1'])
    expect(log).toEqual(['redis is away, reconnecting', 'redis is back'])
  })

  it('does not stop a service from starting: everything works once Redis is there', async () => {
    const { proxy, cache } = await setUp({ refuse: true })
    await expect(cache.driver.run([get])).rejects.toMatchObject(UNAVAILABLE)
    await expect(new ProcessCache(cache).getActiveProcesses()).rejects.toMatchObject(UNAVAILABLE)
    await expect(cache.driver.subscribe('channel', listener())).rejects.toMatchObject(UNAVAILABLE)
    proxy.heal()
    await waitUntil('it works', () => works(cache))
  })

  it('gives up on a connection that fell silent, whatever was under way', async () => {
    const { proxy, cache } = await setUp()
    proxy.fallSilent()
    const underWay = await Promise.allSettled([cache.driver.run([get]), cache.driver.run([set, get])])
    expect(underWay).toEqual(underWay.map(() => ({ status: 'rejected', reason: expect.objectContaining(UNAVAILABLE) })))
    await expect(cache.driver.run([get])).rejects.toMatchObject(UNAVAILABLE)
    proxy.heal()
    await waitUntil('it works on a new connection', () => works(cache))
  })

  it('does not wait for the time limit when the connection breaks under a command', async () => {
    const { proxy, cache } = await setUp({ timeoutMs: 600_000 })
    proxy.fallSilent()
    const underWay = cache.driver.run([get])
    proxy.refuse()
    await expect(underWay).rejects.toMatchObject(UNAVAILABLE)
  })

  it('opens within its time limit although Redis accepts the connection and says nothing', async () => {
    const { proxy, cache } = await setUp({ silent: true })
    await expect(cache.driver.run([get])).rejects.toMatchObject(UNAVAILABLE)
    proxy.heal()
    await waitUntil('it works', () => works(cache))
  })

  it('keeps nothing for later: what failed is not executed when Redis is back', async () => {
    const { proxy, cache, server } = await setUp()
    proxy.refuse()
    await waitUntil('the loss is noticed', () => fails(cache))
    const writes = Array.from({ length: 1_000 }, (_, n) =>
      cache.driver.run([{ op: 'listPush', key: 'list', values: [`${n}`], keep: 5_000 }]),
    )
    for (const result of await Promise.allSettled(writes)) expect(result.status).toBe('rejected')
    proxy.heal()
    await waitUntil('it works again', () => works(cache))
    expect(await server.command('exists', 'list')).toBe(0)
  })

  it('survives a restart that lost everything, and says which process must register again', async () => {
    const { cache, server } = await setUp()
    const processes = new ProcessCache(cache)
    const id = await processes.registerProcess({ type: 'ohlcv', component: 'a' })
    await server.kill()
    await waitUntil('the loss is noticed', () => fails(cache))
    await server.start()
    await waitUntil('it works again', () => works(cache))
    expect(await processes.updateProcesses([{ id }])).toEqual([id])
    const again = await processes.registerProcess({ type: 'ohlcv', component: 'a' })
    expect(await processes.updateProcesses([{ id: again }])).toEqual([])
  })

  it('tells a subscriber that it may have missed something, and delivers again', async () => {
    const { proxy, cache } = await setUp()
    const heard = listener()
    await cache.driver.subscribe('channel', heard)
    const publish = (message: string) => cache.driver.run([{ op: 'publish', channel: 'channel', message }])
    await publish('before')
    await waitUntil('the message before', () => heard.messages.length === 1)
    proxy.refuse()
    await waitUntil('the loss is noticed', () => fails(cache))
    proxy.heal()
    await waitUntil('the subscriber is told', () => heard.misses === 1)
    await waitUntil('it works again', () => works(cache))
    await publish('after')
    await waitUntil('the message after', () => heard.messages.length === 2)
    expect(heard).toMatchObject({ messages: ['before', 'after'], misses: 1 })
  })

  it('closes while Redis is away or silent, and leaves no connection behind', async () => {
    for (const fault of ['refuse', 'fallSilent'] as const) {
      const { proxy, cache } = await setUp()
      await cache.driver.subscribe('channel', listener())
      proxy[fault]()
      const underWay = cache.driver.run([get]).catch((err: CacheError) => err.code)
      await cache.close()
      expect(['CLOSED', 'UNAVAILABLE']).toContain(await underWay)
      await waitUntil('its connections are gone', () => proxy.connections === 0)
    }
  })

  it('says that the password is wrong, never what it is', async () => {
    await using server = await RedisServer.open({ password: 'right' })
    const password = 's3cret/ü'
    const url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${server.port}`
    const logged: unknown[] = []
    const keep = (...entry: unknown[]) => void logged.push(...entry)
    await using cache = await openCache({ url, timeoutMs: TIMEOUT_MS, logger: { info: keep, warn: keep } })
    const error: CacheError = await cache.driver.run([get]).then(
      () => undefined,
      (err) => err,
    )
    expect(error).toMatchObject(UNAVAILABLE)
    expect(error.message).toContain(`redis at 127.0.0.1:${server.port}: expected a connection, got WRONGPASS`)
    const shown = inspect([error, logged], { depth: 20, showHidden: true })
    expect(logged).not.toEqual([])
    for (const secret of [password, encodeURIComponent(password)]) expect(shown).not.toContain(secret)
    await using right = await openCache({ url: `redis://:right@127.0.0.1:${server.port}` })
    expect(await right.driver.run([get])).toEqual([undefined])
  })
})

it.each(['http://user:s3cret@host', 'redis//:s3cret@host', 's3cret', ''])(
  'refuses a URL that is none (%#) without showing it',
  async (url) => {
    const error: unknown = await openCache({ url }).catch((err) => err)
    expect(error).toBeInstanceOf(TypeError)
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cret')
  },
)

it.each([0, -1, Number.NaN])('refuses a time limit of %d ms, with which nothing would work', async (timeoutMs) => {
  await expect(openCache({ timeoutMs })).rejects.toThrow(`timeoutMs: expected at least 1, got ${timeoutMs}`)
})

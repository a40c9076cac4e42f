import { describe, expect, it } from 'vitest'
import { openCache, TickCache } from '../src/index.js'
import { hasRedisServer, RedisServer } from './support/redis-server.js'
import { hasOpenssl, TlsProxy } from './support/tls-proxy.js'

const series = { exchange: 'kraken', symbol: 'BTC/USD' }
const tick = { timestamp: Date.now(), last: 42_300 }

describe.skipIf(!hasRedisServer || !hasOpenssl)('rediss:// (needs redis-server and openssl on the PATH)', () => {
  it('speaks TLS with a certificate it was told to trust, with a password, commands and subscriptions', async () => {
    await using server = await RedisServer.open({ password: 'right' })
    await using proxy = await TlsProxy.open(server.port)
    const redis = { tls: { ca: proxy.certificate } }
    await using cache = await openCache({ url: `rediss://:right@127.0.0.1:${proxy.port}/2`, redis })
    const ticks = new TickCache(cache)
    const changes = ticks.watch(series)
    await changes.next()
    await ticks.setTicker(series, tick)
    expect(await ticks.getTicker(series)).toEqual(tick)
    expect((await changes.next()).value).toEqual({ ticks: [tick], missed: false })
    expect(await server.command('info', 'keyspace')).toContain('db2:keys=1')
  })

  it('sends nothing, no password either, to a server whose certificate nobody vouches for', async () => {
    await using server = await RedisServer.open({ password: 'right' })
    await using proxy = await TlsProxy.open(server.port)
    await using cache = await openCache({ url: `rediss://:right@127.0.0.1:${proxy.port}` })
    const getting = new TickCache(cache).getTicker(series)
    await expect(getting).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(getting).rejects.toThrow(`redis at 127.0.0.1:${proxy.port}: expected a connection, got self-signed`)
  })
})

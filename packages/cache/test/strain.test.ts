import { describe, expect, it } from 'vitest'
import { OHLCVCache, ProcessCache, TickCache, TradesCache } from '../src/index.js'
import { fails, get, set, setUp, UNAVAILABLE, works } from './support/outage.js'
import { hasRedisServer } from './support/redis-server.js'
import { waitUntil } from './support/wait-until.js'

const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const
const candle = { timestamp: Date.parse('2024-01-01'), open: 1, high: 2, low: 0.5, close: 1.5, volume: 3 }
const trade = { timestamp: candle.timestamp, id: '1', side: 'buy', price: 1.5, amount: 2 } as const
const FULL = { code: 'FULL', transient: true }

describe.skipIf(!hasRedisServer)('under strain (needs redis-server on the PATH)', () => {
  it('waits for a slow Redis within the time limit, not beyond it, and is well again when Redis is', async () => {
    const { proxy, cache } = await setUp({ timeoutMs: 1_000 })
    proxy.slowDown(50)
    expect(await cache.driver.run([set, get])).toEqual([undefined, '1'])
    proxy.slowDown(60_000)
    for (const one of await Promise.allSettled([cache.driver.run([get]), cache.driver.run([set])]))
      expect(one).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    proxy.heal()
    await waitUntil('it works', () => works(cache))
  })

  it('holds a bounded amount for a Redis that is slower than its callers, and tells them', async () => {
    const { proxy, cache } = await setUp({ timeoutMs: 600_000 })
    proxy.fallSilent()
    const batch = Array.from({ length: 10_000 }, () => get)
    const waiting = Promise.allSettled(Array.from({ length: 10 }, () => cache.driver.run(batch)))
    const refused = cache.driver.run([get])
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
    await expect(refused).rejects.toThrow('expected fewer than 100000 commands to wait for answers, got 100000')
    proxy.refuse()
    for (const { status } of await waiting) expect(status).toBe('rejected')
    proxy.heal()
    await waitUntil('it works', () => works(cache))
  })

  it('still counts what its callers gave up on: it is held until it is answered or the connection lost', async () => {
    const { proxy, cache } = await setUp({ timeoutMs: 1_000 })
    proxy.trickle()
    const batch = Array.from({ length: 10_000 }, () => get)
    const waiting = await Promise.allSettled(Array.from({ length: 10 }, () => cache.driver.run(batch)))
    for (const one of waiting) expect(one).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    await expect(cache.driver.run([get])).rejects.toThrow('expected fewer than 100000 commands to wait for answers')
    proxy.refuse()
    await waitUntil('the loss is noticed', () => fails(cache))
    proxy.heal()
    await waitUntil('it works', () => works(cache))
  })

  it('notices that a subscription hangs on a dead connection, although a subscriber asks for nothing', async () => {
    const { proxy, cache } = await setUp()
    const tick = { timestamp: candle.timestamp, last: 1 }
    const ticks = new TickCache(cache)
    const changes = ticks.watch(series)
    expect(await changes.next()).toMatchObject({ value: { missed: true } })
    proxy.leaveHalfOpen()
    expect(await changes.next()).toEqual({ done: false, value: { ticks: [], missed: true } })
    await waitUntil('commands work again', () => works(cache))
    await ticks.setTicker(series, tick)
    expect(await changes.next()).toEqual({ done: false, value: { ticks: [tick], missed: false } })
    await changes.return()
  })

  it('goes on watching after Redis was killed and started again, and says that something may be missed', async () => {
    const { cache, server } = await setUp()
    const ohlcv = new OHLCVCache(cache)
    const changes = ohlcv.watch(series)
    await changes.next()
    await server.kill()
    await waitUntil('the loss is noticed', () => fails(cache))
    await expect(ohlcv.watch(series).next()).rejects.toMatchObject(UNAVAILABLE)
    await server.start()
    expect(await changes.next()).toEqual({ done: false, value: { candles: [], missed: true } })
    await waitUntil('commands work again', () => works(cache))
    await ohlcv.updateCandles(series, [candle])
    expect(await changes.next()).toEqual({ done: false, value: { candles: [candle], missed: false } })
    await changes.return()
  })

  it('goes on after everything was flushed: who must register again is named, the rest fills itself', async () => {
    const { cache, server } = await setUp()
    const [ohlcv, processes] = [new OHLCVCache(cache), new ProcessCache(cache)]
    const id = await processes.registerProcess({ type: 'ohlcv', component: 'a' })
    await ohlcv.updateCandles(series, [candle])
    await server.command('flushall')
    expect(await processes.updateProcesses([{ id }])).toEqual([id])
    expect(await processes.getSystemHealth()).toMatchObject({ healthy: false, totalProcesses: 0 })
    expect(await ohlcv.getLatestCandles(series)).toEqual([])
    await ohlcv.updateCandles(series, [candle])
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle])
  })

  it('says that Redis is full, still reads, takes and delivers, and writes again when there is room', async () => {
    const { cache, server } = await setUp()
    const [ohlcv, trades, processes] = [new OHLCVCache(cache), new TradesCache(cache), new ProcessCache(cache)]
    const id = await processes.registerProcess({ type: 'ohlcv', component: 'a' })
    await trades.pushTrades(series, [trade])
    const changes = ohlcv.watch(series)
    await changes.next()
    await server.command('config', 'set', 'maxmemory', '1')
    const push = { op: 'listPush', key: 'list', values: ['a'], keep: 9 } as const
    const refusals = [
      cache.driver.run([set]),
      cache.driver.run([push, push]),
      cache.driver.run([set, set]),
      processes.updateProcess(id),
      trades.pushTrades(series, [trade]),
      ohlcv.updateCandles(series, [candle]),
    ]
    for (const { reason } of (await Promise.allSettled(refusals)) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject(FULL)
      expect(reason.message).toContain('got OOM command not allowed')
    }
    expect(await processes.getProcess(id)).toMatchObject({ processId: id })
    expect(await trades.popTrades(series)).toEqual([trade])
    expect(await changes.next()).toMatchObject({ value: { candles: [candle] } })
    await server.command('config', 'set', 'maxmemory', '0')
    expect([await trades.getTrades(series), await ohlcv.getLatestCandles(series)]).toEqual([[], []])
    expect(await cache.driver.run([{ op: 'listTail', key: 'list', count: 9 }])).toEqual([[]])
    await processes.updateProcess(id)
    expect(await cache.driver.run([set, get])).toEqual([undefined, '1'])
    await changes.return()
  })

  it('is as new after one fault upon another', async () => {
    const { proxy, cache } = await setUp()
    for (const fault of ['refuse', 'fallSilent', 'refuse', 'fallSilent'] as const) {
      proxy[fault]()
      await waitUntil('the loss is noticed', () => fails(cache))
      proxy.heal()
      await waitUntil('it works again', () => works(cache))
    }
  })
})

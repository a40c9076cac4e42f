import type { Candle } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { type CandleChanges, OHLCVCache, ProcessCache, TickCache, type TickChanges } from '../src/index.js'
import { stores } from './support/stores.js'
import { waitUntil } from './support/wait-until.js'

const MINUTE_MS = 60_000
const START = Date.parse('2024-01-01T00:00:00Z')
const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const

describe.each(stores)('watching in $name', (store) => {
  it('says first that the store must be read, so that a reader overlooks no candle', async () => {
    await using cache = await store.open()
    const ohlcv = new OHLCVCache(cache)
    await ohlcv.updateCandles(series, [candle(0)])
    const seen = new Map<number, Candle>()
    const misses: boolean[] = []
    const aborting = new AbortController()
    const reading = (async () => {
      for await (const { candles, missed } of ohlcv.watch(series, aborting)) {
        misses.push(missed)
        const news = missed ? await ohlcv.getLatestCandles(series) : candles
        for (const one of news) seen.set(one.timestamp, one)
      }
    })()
    for (let minute = 1; minute < 50; minute++) await ohlcv.updateCandles(series, [candle(minute)])
    await waitUntil('every candle', () => seen.size === 50)
    aborting.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    expect(misses[0]).toBe(true)
    expect(misses.slice(1)).not.toContain(true)
  })

  it('gives changes that came meanwhile as one: the last of each candle, and who is forming still', async () => {
    await using cache = await store.open()
    const ohlcv = new OHLCVCache(cache)
    const changes = ohlcv.watch(series)
    expect(await changes.next()).toEqual({ done: false, value: { candles: [], missed: true } })
    const corrected = { ...candle(1), close: 1.25 }
    await ohlcv.updateAll([
      { series, candles: [candle(1)], forming: candle(2) },
      { series, candles: [corrected, candle(0)] },
    ])
    expect((await collect(changes, ({ candles }) => candles.length === 2)).candles).toEqual([candle(0), corrected])
    await ohlcv.updateAll([
      { series, forming: candle(2) },
      { series, candles: [candle(2)] },
      { series, forming: candle(3) },
    ])
    const last = await collect(changes, ({ forming }) => forming?.timestamp === candle(3).timestamp)
    expect(last).toEqual({ candles: [candle(2)], forming: candle(3), missed: false })
    await ohlcv.updateAll([
      { series, forming: candle(3) },
      { series, candles: [candle(3)] },
    ])
    const closed = await collect(changes, ({ candles }) => candles.length > 0)
    expect(closed.candles).toEqual([candle(3)])
    await changes.return()
  })

  it('keeps a bounded amount for a reader that is too slow, and tells it', async () => {
    await using cache = await store.open()
    const ticks = new TickCache(cache)
    const changes = ticks.watch(series)
    await changes.next()
    for (let part = 0; part < 21; part++)
      await ticks.setTickers(
        Array.from({ length: 100 }, (_, n) => ({ series, tick: { timestamp: START, last: part * 100 + n } })),
      )
    const received: TickChanges[] = []
    await waitUntil('the last tick', async () => {
      const { value } = await changes.next()
      if (value) received.push(value)
      return value?.ticks.at(-1)?.last === 2_099
    })
    for (const { ticks: some } of received) expect(some.length).toBeLessThanOrEqual(1_000)
    const count = received.reduce((sum, { ticks: some }) => sum + some.length, 0)
    expect(received.some(({ missed }) => missed)).toBe(count < 2_100)
    await changes.return()
  })

  it('ends when the reader leaves, is aborted or the cache is closed, and leaves no subscription behind', async () => {
    await using cache = await store.open()
    const processes = new ProcessCache(cache)
    for await (const { missed } of processes.watchBroadcasts('ohlcv')) {
      expect(missed).toBe(true)
      break
    }
    await waitUntil('nobody listens', async () => (await processes.broadcast('ohlcv', 'anyone?')) === 0)
    const reason = new Error('stop')
    await expect(processes.watchBroadcasts('ohlcv', { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason)
    const aborting = new AbortController()
    const watching = processes.watchBroadcasts('ohlcv', aborting)
    await watching.next()
    const aborted = expect(watching.next()).rejects.toBe(reason)
    aborting.abort(reason)
    await aborted
    await waitUntil('nobody listens', async () => (await processes.broadcast('ohlcv', 'anyone?')) === 0)
    const other = processes.watchBroadcasts('ohlcv')
    await other.next()
    const closed = expect(other.next()).rejects.toMatchObject({ code: 'CLOSED' })
    await cache.close()
    await closed
    await expect(processes.watchBroadcasts('ohlcv').next()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('reaches the processes that listen, of that type alone, and counts the programs', async () => {
    await using cache = await store.open()
    const processes = new ProcessCache(cache)
    expect(await processes.broadcast('bot', 'reload')).toBe(0)
    const listening = [processes.watchBroadcasts('bot'), processes.watchBroadcasts('bot')]
    const other = processes.watchBroadcasts('tick')
    for (const one of [...listening, other]) await one.next()
    expect(await processes.broadcast('bot', 'reload', { symbol: 'BTC/USD' })).toBe(1) // this program
    for (const one of listening) {
      const { value } = await one.next()
      expect(value).toMatchObject({ missed: false, broadcasts: [{ message: 'reload', data: { symbol: 'BTC/USD' } }] })
    }
    for (const one of [...listening, other]) await one.return()
    await expect(processes.broadcast('bots' as 'bot', 'reload')).rejects.toThrow('type: expected one of tick ohlcv')
  })

  it('says on which channel someone published what cannot be read', async () => {
    await using cache = await store.open()
    const channel = cache.keys.tickerChannel(series)
    for (const message of ['not JSON', '{}', '{"last":"1","time":1}']) {
      const changes = new TickCache(cache).watch(series)
      await changes.next()
      await cache.driver.run([{ op: 'publish', channel, message }])
      const failing = changes.next()
      await expect(failing).rejects.toMatchObject({ code: 'INVALID' })
      await expect(failing).rejects.toThrow(`${channel}: expected `)
    }
  })
})

/** The last of `changes` up to one that is as expected: messages may arrive in several. */
async function collect(
  changes: AsyncGenerator<CandleChanges, void>,
  isExpected: (merged: CandleChanges) => boolean,
): Promise<CandleChanges> {
  const candles = new Map<number, Candle>()
  for (;;) {
    const { value, done } = await changes.next()
    if (done) throw new Error('ended')
    for (const one of value.candles) candles.set(one.timestamp, one)
    const merged = { ...value, candles: [...candles.values()].sort((a, b) => a.timestamp - b.timestamp) }
    if (isExpected(merged)) return merged
  }
}

function candle(minute: number): Candle {
  return { timestamp: START + minute * MINUTE_MS, open: 1, high: 2, low: 0.5, close: 1.5, volume: 3 }
}

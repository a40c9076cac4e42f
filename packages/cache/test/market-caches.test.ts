import type { Candle, Trade } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { keysWith, OHLCVCache, TradesCache } from '../src/index.js'
import { ManualClock } from './support/manual-clock.js'
import { stores } from './support/stores.js'
import { waitUntil } from './support/wait-until.js'

const MINUTE_MS = 60_000
const START = Date.parse('2024-01-01T00:00:00Z')
const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const

describe.each(stores)('OHLCVCache in $name', (store) => {
  it('gives the newest candles, ascending, whatever the order they came in', async () => {
    await using cache = await store.open()
    const ohlcv = new OHLCVCache(cache, { keep: 3 })
    await ohlcv.updateCandles(series, [candle(2), candle(0), candle(1)])
    await ohlcv.updateCandles(series, [candle(4), candle(3)])
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle(2), candle(3), candle(4)])
    expect(await ohlcv.getLatestCandles(series, 2)).toEqual([candle(3), candle(4)])
    expect(await ohlcv.getLatestCandles(series, 0)).toEqual([])
    await ohlcv.updateCandles(series, [candle(1)])
    await ohlcv.updateCandles(series, [])
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle(2), candle(3), candle(4)])
  })

  it('shows a corrected candle once, as corrected, with the numbers as they were', async () => {
    await using cache = await store.open()
    const ohlcv = new OHLCVCache(cache)
    const corrected = { ...candle(1), low: 0.1 + 0.2, volume: 1e-8 }
    await ohlcv.updateCandles(series, [candle(0), candle(1)])
    await ohlcv.updateCandles(series, [corrected])
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle(0), corrected])
  })

  it('keeps apart exchanges, the sandbox, symbols and timeframes', async () => {
    await using cache = await store.open()
    const ohlcv = new OHLCVCache(cache)
    const others = [
      { ...series, exchange: 'bitmex' },
      { ...series, sandbox: true },
      { ...series, symbol: 'BTC/USD:USD' },
      { ...series, timeframe: '1h' },
    ] as const
    await ohlcv.updateAll([
      { series, candles: [candle(0)] },
      ...others.map((one, index) => ({ series: one, candles: [candle(index + 1)] })),
    ])
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle(0)])
    for (const [index, other] of others.entries())
      expect(await ohlcv.getLatestCandles(other)).toEqual([candle(index + 1)])
  })

  it('does not show a candle as forming that has closed, even when its last update came late', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const ohlcv = new OHLCVCache(cache)
    expect(await ohlcv.getForming(series)).toBeUndefined()
    await ohlcv.setForming(series, candle(1))
    expect(await ohlcv.getForming(series)).toEqual(candle(1))
    await ohlcv.updateCandles(series, [candle(0)])
    expect(await ohlcv.getForming(series)).toEqual(candle(1))
    await ohlcv.updateCandles(series, [candle(1)])
    await ohlcv.setForming(series, candle(1))
    expect(await ohlcv.getForming(series)).toBeUndefined()
    await ohlcv.setForming(series, candle(2))
    expect(await ohlcv.getForming(series)).toEqual(candle(2))
    expect(await ohlcv.getLatestCandles(series)).toEqual([candle(0), candle(1)])
  })

  it('publishes each change, so that a reader need not poll', async () => {
    await using cache = await store.open()
    const ohlcv = new OHLCVCache(cache)
    const messages: unknown[] = []
    const end = await cache.driver.subscribe(cache.keys.candleChannel(series), {
      message: (text) => void messages.push(JSON.parse(text)),
      missed: () => undefined,
      closed: () => undefined,
    })
    await ohlcv.updateCandles({ ...series, timeframe: '1h' }, [candle(7)])
    await ohlcv.updateCandles(series, [candle(1), candle(0)])
    await ohlcv.updateCandles(series, [])
    await ohlcv.updateAll([{ series, candles: [candle(2)], forming: candle(3) }])
    await ohlcv.setForming(series, candle(4))
    await waitUntil('three messages', () => messages.length >= 3)
    expect(messages).toEqual([
      { candles: [row(0), row(1)] },
      { candles: [row(2)], forming: row(3) },
      { forming: row(4) },
    ])
    end()
  })
})

it('drops a forming candle a minute after its interval: its collector is gone', async () => {
  const clock = new ManualClock(START)
  const memory = stores.find(({ name }) => name === 'memory')!
  await using cache = await memory.open({ clock })
  const ohlcv = new OHLCVCache(cache)
  clock.advance(30_000)
  await ohlcv.setForming(series, candle(0))
  clock.advance(30_000 + MINUTE_MS - 1)
  expect(await ohlcv.getForming(series)).toEqual(candle(0))
  clock.advance(1)
  expect(await ohlcv.getForming(series)).toBeUndefined()
})

describe.each(stores)('TradesCache in $name', (store) => {
  it('gives the newest trades in the order they came, equal ones too', async () => {
    await using cache = await store.open()
    const trades = new TradesCache(cache, { keep: 3 })
    await trades.pushTrades(series, [trade('9'), trade('10')])
    await trades.pushTrades(series, [trade('a'), trade('a')])
    await trades.pushTrades(series, [])
    expect(await trades.getTrades(series)).toEqual([trade('10'), trade('a'), trade('a')])
    expect(await trades.getTrades(series, 1)).toEqual([trade('a')])
    expect(await trades.getTrades(series, 0)).toEqual([])
    await trades.pushTrades(series, ['1', '2', '3', '4'].map(trade))
    expect(await trades.getTrades(series)).toEqual(['2', '3', '4'].map(trade))
    expect(await trades.getTrades({ ...series, symbol: 'ETH/USD' })).toEqual([])
  })

  it('hands out each trade once, oldest first, however many take at once', async () => {
    await using cache = await store.open()
    const trades = new TradesCache(cache)
    const ids = Array.from({ length: 100 }, (_, n) => `${n}`)
    await trades.pushTrades(series, ids.map(trade))
    expect(await trades.popTrades(series, 2)).toEqual(['0', '1'].map(trade))
    const taken = await Promise.all(Array.from({ length: 20 }, () => trades.popTrades(series, 7)))
    for (const some of taken) expect(some).toEqual([...some].sort((a, b) => Number(a.id) - Number(b.id)))
    expect(
      taken
        .flat()
        .map(({ id }) => Number(id))
        .sort((a, b) => a - b),
    ).toEqual(ids.slice(2).map(Number))
    await trades.pushTrades(series, ['a', 'b'].map(trade))
    expect(await trades.popTrades(series, 0)).toEqual([])
    expect(await trades.popTrades(series)).toEqual(['a', 'b'].map(trade))
    expect(await trades.popTrades(series)).toEqual([])
  })

  it('publishes what was pushed', async () => {
    await using cache = await store.open()
    const messages: string[] = []
    const listener = {
      message: (text: string) => void messages.push(text),
      missed: () => undefined,
      closed: () => undefined,
    }
    const end = await cache.driver.subscribe(cache.keys.tradeChannel(series), listener)
    await new TradesCache(cache).pushTrades(series, [trade('9'), trade('10')])
    await waitUntil('the message', () => messages.length === 1)
    expect(messages.map((text) => JSON.parse(text))).toEqual([
      [
        [START, '9', 'buy', 1.5, 2],
        [START, '10', 'buy', 1.5, 2],
      ],
    ])
    end()
  })
})

it.each([0, 1.5, Number.NaN])('refuses to keep %d records instead of keeping all or none', async (keep) => {
  await using cache = await stores[0]!.open()
  expect(() => new OHLCVCache(cache, { keep })).toThrow(`keep: expected a whole number from 1, got ${keep}`)
  expect(() => new TradesCache(cache, { keep })).toThrow(RangeError)
})

it('names keys so that no two series share one', () => {
  const keys = keysWith('p:')
  expect(keys.candles({ ...series, symbol: 'BTC/USDT:USDT' })).toBe('p:ohlcv:candles:kraken:BTC/USDT:USDT:1m')
  expect(keys.candles({ ...series, sandbox: true })).toBe('p:ohlcv:candles:kraken@sandbox:BTC/USD:1m')
  expect(() => keys.trades({ exchange: 'kraken:BTC', symbol: 'USD' })).toThrow(
    'exchange: expected a ccxt id, got "kraken:BTC"',
  )
  expect(() => keys.trades({ exchange: 'kraken@sandbox', symbol: 'USD' })).toThrow(RangeError)
})

function candle(minute: number): Candle {
  return { timestamp: START + minute * MINUTE_MS, open: 1 + minute, high: 2 + minute, low: 0.5, close: 1.5, volume: 3 }
}

function row(minute: number): number[] {
  return Object.values(candle(minute))
}

function trade(id: string): Trade {
  return { timestamp: START, id, side: 'buy', price: 1.5, amount: 2 }
}

import { describe, expect, it } from 'vitest'
import { TickCache } from '../src/index.js'
import { ManualClock } from './support/manual-clock.js'
import { stores } from './support/stores.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const START = Date.parse('2024-01-01T00:00:00Z')
const series = { exchange: 'kraken', symbol: 'BTC/USD' } as const
const tick = { timestamp: START, last: 42_300.5, bid: 42_300, ask: 42_301, volume: 12.5 }

describe.each(stores)('TickCache in $name', (store) => {
  it('gives the newest ticker as it was set, without what the exchange does not send', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const ticks = new TickCache(cache)
    expect([await ticks.getTicker(series), await ticks.getPrice(series)]).toEqual([undefined, undefined])
    await ticks.setTicker(series, { ...tick, last: 1 })
    await ticks.setTicker(series, tick)
    expect(await ticks.getTicker(series)).toStrictEqual(tick)
    expect(await ticks.getPrice(series)).toBe(42_300.5)
    const bare = { timestamp: START + 0.4, last: 1e-9 }
    await ticks.setTicker(series, bare)
    expect(await ticks.getTicker(series)).toStrictEqual({ timestamp: START, last: 1e-9 })
  })

  it('gives all tickers of an exchange and no others, set in one round trip', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const ticks = new TickCache(cache)
    const symbols = Array.from({ length: 500 }, (_, n) => `S${n}/USD`)
    await ticks.setTickers([
      ...symbols.map((symbol, n) => ({ series: { exchange: 'kraken', symbol }, tick: { ...tick, last: n } })),
      { series: { exchange: 'kraken', sandbox: true, symbol: 'S0/USD' }, tick },
      { series: { exchange: 'bitmex', symbol: 'BTC/USD:BTC' }, tick },
    ])
    await ticks.setTickers([])
    const all = await ticks.getAllTickers({ exchange: 'kraken' })
    expect([...all.keys()].sort()).toEqual([...symbols].sort())
    expect(all.get('S7/USD')?.last).toBe(7)
    expect([...(await ticks.getAllTickers({ exchange: 'kraken', sandbox: true })).keys()]).toEqual(['S0/USD'])
    expect(await ticks.getAllTickers({ exchange: 'none' })).toEqual(new Map())
  })

  it('does not give a price older than the reader accepts: whoever set it may be gone', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const ticks = new TickCache(cache)
    await ticks.setTicker(series, tick)
    clock.advance(MINUTE_MS)
    expect(await ticks.getPrice(series, { maxAgeMs: MINUTE_MS })).toBe(42_300.5)
    clock.advance(1)
    const age = { maxAgeMs: MINUTE_MS }
    expect(await ticks.getPrice(series, age)).toBeUndefined()
    expect(await ticks.getAllTickers(series, age)).toEqual(new Map())
    expect(await ticks.getPrice(series)).toBe(42_300.5)
  })

  it('forgets symbols that are not traded any more, and nothing that was set meanwhile', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const ticks = new TickCache(cache)
    const delisted = { exchange: 'kraken', symbol: 'LUNA/USD' }
    await ticks.setTicker(delisted, tick)
    clock.advance(DAY_MS / 2)
    await ticks.setTicker(series, { ...tick, timestamp: clock.now() })
    clock.advance(DAY_MS / 2 + 1)
    expect([...(await ticks.getAllTickers({ exchange: 'kraken' })).keys()]).toEqual(['BTC/USD'])
    const [hash] = await cache.driver.run([{ op: 'hashGetAll', key: cache.keys.tickers(series) }])
    expect([...hash.keys()]).toEqual(['BTC/USD'])
  })

  it("reads what Python's fullon_cache wrote, and writes what it reads", async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const ticks = new TickCache(cache)
    const key = cache.keys.tickers(series)
    expect(key).toMatch(/tickers:kraken$/)
    const written =
      '{"symbol":"BTC/USD","exchange":"kraken","price":42300.5,"time":1704067200.25,"bid":null,"volume":3}'
    await cache.driver.run([
      { op: 'hashSet', key, field: 'BTC/USD', value: written },
      { op: 'hashSet', key, field: 'BAD/USD', value: '{"price":null,"time":1704067200}' },
    ])
    expect(await ticks.getTicker(series)).toStrictEqual({ timestamp: START + 250, last: 42_300.5, volume: 3 })
    expect([...(await ticks.getAllTickers(series)).keys()]).toEqual(['BTC/USD'])
    await expect(ticks.getPrice({ ...series, symbol: 'BAD/USD' })).rejects.toMatchObject({ code: 'INVALID' })
    await ticks.setTicker(series, tick)
    const [text] = await cache.driver.run([{ op: 'hashGet', key, field: 'BTC/USD' }])
    expect(JSON.parse(text ?? '')).toEqual({
      symbol: 'BTC/USD',
      exchange: 'kraken',
      price: 42_300.5,
      last: 42_300.5,
      bid: 42_300,
      ask: 42_301,
      volume: 12.5,
      time: START / 1_000,
    })
  })

  it('refuses a ticker without a price instead of storing that there is none', async () => {
    await using cache = await store.open()
    const setting = new TickCache(cache).setTicker(series, { ...tick, last: Number.NaN })
    await expect(setting).rejects.toThrow('tick of BTC/USD: expected a last price and a time, got NaN at 1704067200000')
  })
})

it('forgets an exchange whose tickers nobody has set for a day', async () => {
  const clock = new ManualClock()
  await using cache = await stores[0]!.open({ clock }) // memory, whose time can be moved
  const ticks = new TickCache(cache)
  await ticks.setTicker(series, { ...tick, timestamp: START + 10 * DAY_MS }) // by a clock that is wrong
  clock.advance(DAY_MS - 1)
  expect(await ticks.getPrice(series)).toBe(42_300.5)
  clock.advance(1)
  expect(await ticks.getPrice(series)).toBeUndefined()
})

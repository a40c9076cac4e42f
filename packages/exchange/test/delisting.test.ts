import { createSeededMarket, startSimulator } from '@fullon/simulator'
import { describe, expect, it } from 'vitest'
import { ExchangeQueue } from '../src/index.js'
import { openAnsweringExchange } from './answering-exchange.js'
import { createHandClock } from './hand-clock.js'
import { toMarket } from './scripted-exchange.js'

const HOUR_MS = 3_600_000
const SINCE = Date.UTC(2026, 0, 8)
const NOW = SINCE + 6 * HOUR_MS
const REFUSED = expect.stringMatching(/^(SYMBOL_UNKNOWN|REQUEST_REFUSED)$/)

describe('a symbol that its exchange has delisted', () => {
  it('is named as the reason why nothing more is to be had, an hour after it was first gone', async () => {
    const clock = createHandClock(NOW, { runs: true })
    const market = createSeededMarket({ seed: 3, since: SINCE })
    await using simulator = await startSimulator({ market, clock })
    const ccxtOptions = { kraken: { ...simulator.ccxtOptions.kraken, rateLimit: 1 } }
    await using queue = new ExchangeQueue({ ccxtOptions, clock })
    const kraken = await queue.getHandler('kraken')
    const span = { since: NOW - HOUR_MS, until: NOW - HOUR_MS / 2 }
    const read = () =>
      Promise.allSettled([kraken.getOhlcv('BTC/USD', '1m', span), kraken.getPublicTrades('BTC/USD', span)])
    for (const { status } of await read()) expect(status).toBe('fulfilled')
    simulator.faults.inject({ kind: 'delist', symbol: 'BTC/USD' })
    for (let waited = 0; waited <= HOUR_MS; waited += HOUR_MS / 4) {
      for (const result of await read()) expect(result).toMatchObject({ reason: { code: REFUSED } })
      clock.moveTo(clock.now() + HOUR_MS / 4)
    }
    const unavailable = { ...span, reason: 'BTC/USD: delisted' }
    for (const result of await read()) expect(result).toMatchObject({ value: { rows: [], unavailable } })
    await expect(kraken.getOhlcv('ETH/USD', '1m', span)).resolves.toMatchObject({ covered: span })
  })
})

describe('a delisted symbol whose history is still served', () => {
  it('is silent since then, and named as the reason where nothing within reach shows that', async () => {
    const clock = createHandClock(NOW, { runs: true })
    const market = createSeededMarket({ seed: 3, since: SINCE })
    await using simulator = await startSimulator({ market, clock, protocols: ['coinbaseexchange'] })
    const ccxtOptions = { coinbaseexchange: { ...simulator.ccxtOptions.coinbaseexchange, rateLimit: 1 } }
    await using queue = new ExchangeQueue({ ccxtOptions, clock })
    const coinbase = await queue.getHandler('coinbaseexchange')
    const ask = (until: number) => coinbase.getOhlcv('BTC/USD', '3m', { since: SINCE, until })
    await ask(SINCE + HOUR_MS)
    simulator.faults.inject({ kind: 'delist', symbol: 'BTC/USD' })
    clock.moveTo(NOW + 12 * HOUR_MS) // more than a page, which is of 300 minutes
    const [day, month] = [NOW + 11 * HOUR_MS, NOW + 40 * 24 * HOUR_MS]
    await expect(ask(day)).resolves.toMatchObject({ rows: [], covered: { since: day - 5 * HOUR_MS, until: day } })
    clock.moveTo(month + HOUR_MS)
    await expect(ask(month)).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    clock.moveTo(clock.now() + HOUR_MS + 1)
    await expect(ask(month)).resolves.toEqual({
      rows: [],
      unavailable: { since: month - 5 * HOUR_MS, until: month, reason: 'BTC/USD: delisted' },
    })
    const served = { since: SINCE, until: SINCE + HOUR_MS }
    await expect(ask(served.until)).resolves.toMatchObject({ covered: served })
  })
})

describe('a symbol that was delisted while nobody looked', () => {
  it('is named as the reason, too, where rows of it are remembered', async () => {
    await using exchange = await openListing()
    const { ask, listed, clock } = exchange
    listed.delete('BTC/USD')
    exchange.handler.remember('BTC/USD')
    await expect(ask()).rejects.toMatchObject({ code: 'SYMBOL_UNKNOWN' })
    clock.moveTo(clock.now() + HOUR_MS + 1)
    await expect(ask()).resolves.toMatchObject({ rows: [], unavailable: { reason: 'BTC/USD: delisted' } })
  })
})

describe('a symbol that was called unknown', () => {
  it('is not given up when it is listed again, or was all along', async () => {
    await using exchange = await openListing()
    const { ask, listed, clock } = exchange
    await expect(ask()).resolves.toHaveProperty('rows')
    exchange.refuses = true
    for (let hour = 0; hour < 4; hour++) {
      if (hour === 1) listed.delete('BTC/USD')
      if (hour === 2) listed.add('BTC/USD')
      await expect(ask()).rejects.toMatchObject({ code: REFUSED })
      clock.moveTo(clock.now() + HOUR_MS + 1)
    }
  })

  it('is not given up for a list that lacks nearly everything, and no other symbol is', async () => {
    await using exchange = await openListing()
    const { ask, listed, clock } = exchange
    await ask()
    const all = [...listed]
    exchange.refuses = true
    listed.clear()
    for (let hour = 0; hour < 3; hour++) {
      clock.moveTo(clock.now() + HOUR_MS + 1)
      await expect(ask()).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
    }
    exchange.refuses = false
    for (const symbol of all) listed.add(symbol)
    await expect(ask()).resolves.toHaveProperty('rows')
  })

  it('is not given up when it never was listed', async () => {
    await using exchange = await openListing()
    for (let hour = 0; hour < 3; hour++) {
      await expect(exchange.ask('BTC/USDX')).rejects.toMatchObject({ code: 'SYMBOL_UNKNOWN' })
      exchange.clock.moveTo(exchange.clock.now() + HOUR_MS + 1)
    }
  })
})

async function openListing() {
  const clock = createHandClock(NOW)
  const listed = new Set(['BTC/USD', 'ETH/USD', 'SOL/USD', 'ADA/USD'])
  const state = { refuses: false }
  const exchange = await openAnsweringExchange('kraken', {
    clock,
    ccxtOptions: {
      fetchMarkets: async () => [...listed].map((symbol) => toMarket(symbol, symbol)),
      fetchCurrencies: async () => ({}),
    },
    answer: () => ({
      body: state.refuses
        ? { error: ['EQuery:Unknown asset pair'] }
        : { error: [], result: { 'BTC/USD': [], last: 0 } },
    }),
  })
  const span = { since: NOW - HOUR_MS, until: NOW - HOUR_MS / 2 }
  const ask = (symbol = 'BTC/USD') => exchange.handler.getOhlcv(symbol, '1m', span)
  return Object.assign(state, {
    ask,
    listed,
    clock,
    handler: exchange.handler,
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  })
}

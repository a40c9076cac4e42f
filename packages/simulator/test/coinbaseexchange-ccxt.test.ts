import { floorToTimeframe } from '@fullon/market'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, createSimulatedClock, type Simulator, startSimulator } from '../src/index.js'
import { type Ccxt, type CcxtTrade, openCcxt, plainTrade, type Row, trueRows, trueTrades } from './ccxt-session.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = SINCE + 30 * HOUR_MS

let simulator: Simulator
let exchange: Ccxt

beforeEach(async () => {
  simulator = await startSimulator({
    market: createSeededMarket({ seed: 1, since: SINCE }),
    clock: createSimulatedClock({ start: NOW, speed: 240 }),
    protocols: ['coinbaseexchange'],
  })
  exchange = await openCcxt(simulator, 'coinbaseexchange')
})
afterEach(async () => {
  await exchange.close()
  await simulator.close()
})

describe('ccxt against the simulated coinbaseexchange', () => {
  test('knows the symbols by their unified names, and the time', async () => {
    await exchange.loadMarkets()
    expect(Object.keys(exchange.markets).sort()).toEqual([...simulator.truth.symbols].sort())
    expect(exchange.markets['BTC/USD']).toMatchObject({ id: 'BTC-USD', active: true, precision: { price: 0.01 } })
    expect(await exchange.fetchTime()).toBeGreaterThanOrEqual(NOW)
    expect((await exchange.fetchTicker('BTC/USD')).last).toBeGreaterThan(0)
  })

  test('fetchOHLCV gives 300 minutes a window, and leaves the quiet ones out', async () => {
    const rows: Row[] = []
    for (let since = SINCE + HOUR_MS; since < SINCE + 26 * HOUR_MS; since += 300 * MINUTE_MS) {
      const page = await exchange.fetchOHLCV('ADA/USD', '1m', since)
      expect(page.length).toBeLessThan(300)
      rows.push(...page)
    }
    expect(rows).toEqual(trueRows(simulator, 'ADA/USD', SINCE + HOUR_MS, SINCE + 26 * HOUR_MS))
  })

  test('fetchOHLCV without since gives the newest 300 intervals, the forming one last', async () => {
    const rows = await exchange.fetchOHLCV('BTC/USD', '1m')
    // The forming one may have no trade yet.
    expect(rows.length).toBeGreaterThanOrEqual(299)
    expect(rows.length).toBeLessThanOrEqual(300)
    const now = await exchange.fetchTime()
    expect(now - rows.at(-1)![0]).toBeLessThan(5 * MINUTE_MS)
    expect(rows.at(-1)![0]).toBe(floorToTimeframe(rows.at(-1)![0], '1m'))
  })

  test('trades paged backwards by after are every trade once, the side the taker’s', async () => {
    const span = { since: NOW - 3 * HOUR_MS, until: NOW }
    const trades: CcxtTrade[] = []
    let after: string | undefined
    do {
      const page = await exchange.fetchTrades('BTC/USD', undefined, 1000, after ? { after } : {})
      trades.unshift(...page)
      after = exchange.last_response_headers['Cb-After'] ?? exchange.last_response_headers['cb-after']
    } while (trades[0]!.timestamp >= span.since)
    expect(trades.filter(({ timestamp }) => timestamp >= span.since && timestamp < span.until).map(plainTrade)).toEqual(
      simulator.truth.trades('BTC/USD', span),
    )
  })

  test('watchTrades gives every trade once, with the side that fetchTrades gives', async () => {
    const trades = new Map<string, CcxtTrade>()
    while (trades.size < 150) for (const trade of await exchange.watchTrades('BTC/USD')) trades.set(trade.id, trade)
    expect([...trades.values()].map(plainTrade)).toEqual(trueTrades(simulator, 'BTC/USD', [...trades.values()]))
    expect((await exchange.watchTicker('BTC/USD')).last).toBeGreaterThan(0)
  })

  test('what it does not know is refused as coinbase refuses it, and ccxt rejects', async () => {
    await exchange.loadMarkets()
    const ask = async (path: string) => {
      const response = await fetch(`${simulator.url}/products/${path}`)
      return [response.status, ((await response.json()) as { message: string }).message]
    }
    expect(await ask('NO-USD/candles')).toEqual([404, 'NotFound'])
    expect(await ask('BTC-USD/candles?granularity=7')).toEqual([400, 'Unsupported granularity'])
    expect((await ask('BTC-USD/candles?granularity=60&start=1767225600&end=1767243660'))[1]).toMatch(/exceeds 300/)
    exchange.markets['NO/USD'] = { ...exchange.markets['BTC/USD']!, ...{ symbol: 'NO/USD', id: 'NO-USD' } }
    await expect(exchange.watchTrades('NO/USD')).rejects.toThrow('NO-USD is not a valid product')
  })
})

test('one simulator is three exchanges on one port', async () => {
  await using three = await startSimulator({
    market: createSeededMarket({ seed: 1, since: SINCE }),
    clock: createSimulatedClock({ start: NOW, speed: 240 }),
    protocols: ['kraken', 'binance', 'coinbaseexchange'],
  })
  const names = ['kraken', 'binance', 'coinbaseexchange'] as const
  for (const name of names) {
    await using own = await openCcxt(three, name)
    const [since, until] = [NOW - HOUR_MS, NOW - HOUR_MS / 2]
    const rows = await own.fetchOHLCV('BTC/USD', '1m', since)
    expect(rows.filter((row) => row[5] > 0 && row[0] >= since && row[0] < until)).toEqual(
      trueRows(three, 'BTC/USD', since, until),
    )
    expect((await own.watchTrades('BTC/USD')).length).toBeGreaterThan(0)
  }
  expect(() => three.truth.trades('XRP/USD', { since: SINCE, until: NOW })).toThrow(RangeError)
})

test('a symbol that ccxt would rename, or that is not spot, is refused at the start', async () => {
  const start = (symbol: string) =>
    startSimulator({
      market: createSeededMarket({ seed: 1, since: SINCE, symbols: [{ symbol, price: 1, amount: 1 }] }),
      clock: createSimulatedClock({ start: NOW, speed: 1 }),
      protocols: ['coinbaseexchange'],
    })
  await expect(start('CGLD/USD')).rejects.toThrow(RangeError)
  await expect(start('BTC/USD:USD')).rejects.toThrow(/expected spot/)
})

import { floorToTimeframe } from '@fullon/market'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, createSimulatedClock, type Simulator, startSimulator } from '../src/index.js'
import { type Ccxt, type CcxtTrade, openCcxt, plainTrade, type Row, trueRows, trueTrades } from './ccxt-session.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = SINCE + 30 * HOUR_MS
// Both: ccxt looks up the name under the method that was called.
const AGGREGATES = { watchTrades: { name: 'aggTrade' }, watchTradesForSymbols: { name: 'aggTrade' } }

let simulator: Simulator
let exchange: Ccxt

beforeEach(async () => {
  simulator = await startSimulator({
    market: createSeededMarket({ seed: 1, since: SINCE }),
    clock: createSimulatedClock({ start: NOW, speed: 240 }),
    protocols: ['binance'],
  })
  exchange = await openCcxt(simulator, 'binance')
  Object.assign(exchange.options, AGGREGATES)
})
afterEach(async () => {
  await exchange.close()
  await simulator.close()
})

describe('ccxt against the simulated binance', () => {
  test('knows the symbols by their unified names, the time and the status', async () => {
    await exchange.loadMarkets()
    expect(Object.keys(exchange.markets).sort()).toEqual([...simulator.truth.symbols].sort())
    expect(exchange.markets['BTC/USD']).toMatchObject({ id: 'BTCUSD', active: true, precision: { price: 0.01 } })
    expect(await exchange.fetchTime()).toBeGreaterThanOrEqual(NOW)
    expect(await exchange.fetchStatus()).toMatchObject({ status: 'ok' })
    expect((await exchange.fetchTicker('BTC/USD')).last).toBeGreaterThan(0)
  })

  test('fetchOHLCV pages through a day without a hole, quiet minutes as candles of volume 0', async () => {
    const rows: Row[] = []
    while (rows.length < 1440) {
      const since = SINCE + HOUR_MS + rows.length * MINUTE_MS
      rows.push(...(await exchange.fetchOHLCV('ADA/USD', '1m', since, 1000)))
    }
    expect(rows.map(([timestamp]) => timestamp)).toEqual(rows.map((_, index) => SINCE + HOUR_MS + index * MINUTE_MS))
    const until = floorToTimeframe(NOW, '1m')
    const closed = rows.filter(([timestamp]) => timestamp < until)
    expect(closed.filter((row) => row[5] > 0)).toEqual(trueRows(simulator, 'ADA/USD', SINCE + HOUR_MS, until))
    expect(closed.filter((row) => row[5] === 0).length).toBeGreaterThan(300)
  })

  test('fetchOHLCV without since gives the newest, the forming one last', async () => {
    const rows = await exchange.fetchOHLCV('BTC/USD', '5m', undefined, 10)
    expect(rows).toHaveLength(10)
    expect(rows.at(-1)![0]).toBe(floorToTimeframe(await exchange.fetchTime(), '5m'))
  })

  test('aggregate trades paged by fromId are every trade once, an hour of them by time too', async () => {
    const span = { since: SINCE + 2 * HOUR_MS, until: SINCE + 4 * HOUR_MS }
    const trades = await exchange.fetchTrades('BTC/USD', span.since, 100)
    expect(trades[0]!.timestamp).toBeGreaterThanOrEqual(span.since)
    while (trades.at(-1)!.timestamp < span.until) {
      const fromId = Number(trades.at(-1)!.id) + 1
      trades.push(...(await exchange.fetchTrades('BTC/USD', undefined, 500, { fromId })))
    }
    expect(trades.filter(({ timestamp }) => timestamp < span.until).map(plainTrade)).toEqual(
      simulator.truth.trades('BTC/USD', span),
    )
    const hour = { since: span.since, until: span.since + HOUR_MS }
    const page = await exchange.fetchTrades('BTC/USD', hour.since, 1000)
    // ccxt asks for an hour and its first millisecond after.
    expect(page.filter(({ timestamp }) => timestamp < hour.until).map(plainTrade)).toEqual(
      simulator.truth.trades('BTC/USD', hour).slice(0, 1000),
    )
  })

  test('watchTrades gives every aggregate once; the ids of single trades are others', async () => {
    const trades = new Map<string, CcxtTrade>()
    while (trades.size < 150) for (const trade of await exchange.watchTrades('BTC/USD')) trades.set(trade.id, trade)
    expect([...trades.values()].map(plainTrade)).toEqual(trueTrades(simulator, 'BTC/USD', [...trades.values()]))
    const [single] = await exchange.watchTrades('ETH/USD', undefined, undefined, { name: 'trade' })
    expect(simulator.truth.trades('ETH/USD', { since: SINCE, until: NOW + HOUR_MS }).map(({ id }) => id)).not.toContain(
      single!.id,
    )
  })

  test('watchOHLCV gives every closed candle in its final state, quiet ones too', async () => {
    const candles = new Map<number, Row>()
    while (candles.size < 14)
      for (const row of await exchange.watchOHLCV('ADA/USD', '1m')) candles.set(row[0], [...row])
    const rows = [...candles.values()].slice(0, -1)
    expect(rows.map(([timestamp]) => timestamp)).toEqual(rows.map((_, index) => rows[0]![0] + index * MINUTE_MS))
    expect(rows.filter((row) => row[5] > 0)).toEqual(trueRows(simulator, 'ADA/USD', rows[0]![0], rows.at(-1)![0] + 1))
  })

  test('after a drop the stream goes on without a snapshot: what was traded meanwhile is a jump of the ids', async () => {
    const [before] = await exchange.watchTrades('BTC/USD')
    const waiting = expect(
      (async () => {
        for (;;) await exchange.watchTrades('BTC/USD')
      })(),
    ).rejects.toMatchObject({ name: 'NetworkError' })
    simulator.faults.dropSockets()
    await waiting
    const dropped = await exchange.fetchTime()
    await expect.poll(() => exchange.fetchTime(), { timeout: 20_000 }).toBeGreaterThan(dropped + 2 * MINUTE_MS)
    const reconnected = await exchange.fetchTime()
    const after = await exchange.watchTrades('BTC/USD')
    expect(Number(after.at(-1)!.id)).toBeGreaterThan(Number(before!.id) + 1)
    expect(after.filter(({ timestamp }) => timestamp > dropped + MINUTE_MS / 2)[0]!.timestamp).toBeGreaterThan(
      reconnected - MINUTE_MS / 2,
    )
  })

  test('what it does not know is refused as binance refuses it, and ccxt understands', async () => {
    await exchange.loadMarkets()
    const ask = async (path: string) => {
      const response = await fetch(`${simulator.url}/api/v3/${path}`)
      return [response.status, ((await response.json()) as { code: number }).code]
    }
    expect(await ask('klines?symbol=NOPE&interval=1m')).toEqual([400, -1121])
    expect(await ask('klines?symbol=BTCUSD&interval=7m')).toEqual([400, -1120])
    expect(await ask('klines?interval=1m')).toEqual([400, -1102])
    expect(await ask('aggTrades?symbol=BTCUSD&fromId=x')).toEqual([400, -1100])
    expect(await ask('aggTrades?symbol=BTCUSD&fromId=1&startTime=2')).toEqual([400, -1128])
    expect(await ask('aggTrades?symbol=BTCUSD&startTime=0&endTime=3600001')).toEqual([400, -1127])
    exchange.markets['NO/USD'] = { ...exchange.markets['BTC/USD']!, ...{ symbol: 'NO/USD', lowercaseId: 'nousd' } }
    await expect(exchange.watchTrades('NO/USD')).rejects.toThrow(/invalid stream/)
  })
})

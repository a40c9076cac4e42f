import { type EpochMs, floorToTimeframe } from '@fullon/market'
import { describe, expect, test } from 'vitest'
import { createSeededMarket, createSimulatedClock, type Simulator, startSimulator } from '../src/index.js'
import {
  type Ccxt,
  type CcxtTrade,
  openCcxt,
  plainTrade as plain,
  type Row,
  trueRows,
  trueTrades,
} from './ccxt-session.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const HOUR_MS = 3_600_000

async function open(speed: number, hours = 14): Promise<{ simulator: Simulator; exchange: Ccxt } & AsyncDisposable> {
  const simulator = await startSimulator({
    market: createSeededMarket({ seed: 1, since: SINCE }),
    clock: createSimulatedClock({ start: SINCE + hours * HOUR_MS, speed }),
  })
  const exchange = await openCcxt(simulator, 'kraken')
  return {
    simulator,
    exchange,
    async [Symbol.asyncDispose]() {
      await exchange.close()
      await simulator.close()
    },
  }
}

describe('ccxt against the simulated kraken', () => {
  test('knows the symbols by their unified names, and the time', async () => {
    await using session = await open(1)
    const { exchange, simulator } = session
    await exchange.loadMarkets()
    expect(Object.keys(exchange.markets).sort()).toEqual([...simulator.truth.symbols].sort())
    expect(exchange.markets['BTC/USD']).toMatchObject({ id: 'XXBTZUSD', precision: { price: 0.01 } })
    expect(await exchange.fetchTime()).toBeGreaterThanOrEqual(SINCE + 14 * HOUR_MS)
    expect(await exchange.fetchStatus()).toMatchObject({ status: 'ok' })
  })

  test('fetchOHLCV gives the 720 newest candles of the truth, and silently no older ones', async () => {
    await using session = await open(1)
    const { exchange, simulator } = session
    const rows = await exchange.fetchOHLCV('ADA/USD', '1m', SINCE)
    expect(rows).toHaveLength(720)
    const forming = floorToTimeframe(SINCE + 14 * HOUR_MS, '1m')
    expect(rows.at(-1)?.[0]).toBe(forming)
    expect(rows.slice(0, -1).filter((row) => row[5] > 0)).toEqual(trueRows(simulator, 'ADA/USD', rows[0]![0], forming))
    for (const [index, row] of rows.entries()) {
      if (index > 0 && row[5] === 0) expect(new Set(row.slice(1, 5))).toEqual(new Set([rows[index - 1]![4]]))
    }
    expect(rows.filter((row) => row[5] === 0).length).toBeGreaterThan(100)
  })

  test('fetchTrades paged by last over an hour loses and invents no trade', async () => {
    await using session = await open(1)
    const { exchange, simulator } = session
    const span = { since: SINCE + 5 * HOUR_MS, until: SINCE + 6 * HOUR_MS }
    const trades: CcxtTrade[] = []
    let cursor = `${span.since - 1}999999`
    while ((trades.at(-1)?.timestamp ?? 0) < span.until) {
      trades.push(...(await exchange.fetchTrades('BTC/USD', undefined, 100, { since: cursor })))
      cursor = exchange.last_json_response.result.last
    }
    expect(trades.filter((trade) => trade.timestamp < span.until).map(plain)).toEqual(
      simulator.truth.trades('BTC/USD', span),
    )
  })

  test('watchTrades gives every trade once and in order at 240 times the speed', async () => {
    await using session = await open(240)
    const { exchange, simulator } = session
    const trades = new Map<string, CcxtTrade>()
    while (trades.size < 150) for (const trade of await exchange.watchTrades('BTC/USD')) trades.set(trade.id, trade)
    expect([...trades.values()].map(plain)).toEqual(trueTrades(simulator, 'BTC/USD', [...trades.values()]))
  })

  test('watchOHLCV gives every closed candle in its final state at 240 times the speed', async () => {
    await using session = await open(240)
    const { exchange, simulator } = session
    const candles = new Map<EpochMs, Row>()
    while (candles.size < 17)
      for (const row of await exchange.watchOHLCV('BTC/USD', '1m')) candles.set(row[0], [...row])
    const rows = [...candles.values()].slice(0, -1)
    expect(rows).toEqual(trueRows(simulator, 'BTC/USD', rows[0]![0], rows.at(-1)![0] + 1))
  })

  test('watching again after the sockets were dropped goes on, with the trades in between', async () => {
    await using session = await open(60)
    const { exchange, simulator } = session
    const trades = new Map<string, CcxtTrade>()
    const watch = async (): Promise<void> => {
      for (const trade of await exchange.watchTrades('BTC/USD')) trades.set(trade.id, trade)
    }
    await watch()
    const waiting = watch().then(watch).then(watch).then(watch)
    expect(simulator.faults.dropSockets()).toBe(1)
    await expect(waiting).rejects.toMatchObject({ name: 'NetworkError' })
    const before = trades.size
    while (trades.size < before + 60) await watch()
    expect([...trades.values()].map(plain)).toEqual(trueTrades(simulator, 'BTC/USD', [...trades.values()]))
    expect(simulator.counts.socketsOpen).toBe(1)
  })

  test('failed requests reach the caller as ccxt errors, with Retry-After', async () => {
    await using session = await open(1)
    const { exchange, simulator } = session
    await exchange.loadMarkets()
    simulator.faults.failRequests({ status: 429, count: 1, retryAfterSeconds: 7 })
    simulator.faults.failRequests({ status: 503, count: 1 })
    await expect(exchange.fetchOHLCV('BTC/USD', '1m')).rejects.toMatchObject({ name: 'RateLimitExceeded' })
    expect(exchange.last_response_headers['Retry-After'] ?? exchange.last_response_headers['retry-after']).toBe('7')
    await expect(exchange.fetchOHLCV('BTC/USD', '1m')).rejects.toMatchObject({ name: 'ExchangeNotAvailable' })
    expect(await exchange.fetchOHLCV('BTC/USD', '1m')).toHaveLength(720)
  })
})

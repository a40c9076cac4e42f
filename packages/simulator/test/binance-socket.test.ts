import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, type Market, type Simulator, startSimulator } from '../src/index.js'
import { createHandClock, type HandClock } from './hand-clock.js'
import { RawSocket } from './raw-socket.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const NOW = SINCE + 60 * MINUTE_MS + 30_000

interface Kline {
  t: number
  x: boolean
  n: number
  f: number
  v: string
  c: string
}

let market: Market
let clock: HandClock
let simulator: Simulator
let socket: RawSocket

beforeEach(async () => {
  market = createSeededMarket({ seed: 5, since: SINCE })
  clock = createHandClock(NOW)
  simulator = await startSimulator({ market, clock, protocols: ['binance'] })
  socket = await RawSocket.open(simulator.url, '/stream/ws/0')
})
afterEach(async () => {
  await socket[Symbol.asyncDispose]()
  await simulator.close()
})

function ask(request: object): Promise<Record<string, unknown>> {
  return socket.ask(request, ({ result, error }) => result !== undefined || error !== undefined)
}

function subscribe(...params: string[]): Promise<Record<string, unknown>> {
  return ask({ method: 'SUBSCRIBE', params, id: 1 })
}

function klines(): Kline[] {
  return socket.frames.flatMap(({ e, k }) => (e === 'kline' ? [k as Kline] : []))
}

/** Moves the clock, and returns once all of that is published and here. */
async function pass(delayMs: number): Promise<void> {
  clock.move(delayMs)
  // A new subscription publishes what is due first.
  await subscribe('ethusd@trade')
  await ask({ method: 'UNSUBSCRIBE', params: ['ethusd@trade'], id: 2 })
}

describe('binance streams', () => {
  test('close each minute exactly once, in its final state, quiet minutes too, and open the next at once', async () => {
    await subscribe('adausd@kline_1m')
    for (let step = 0; step < 90; step++) await pass(7001)
    const closed = klines().filter(({ x }) => x)
    const since = NOW - 30_000
    const minutes = Math.floor((clock.now() - since) / MINUTE_MS)
    expect(closed.map(({ t }) => t)).toEqual(Array.from({ length: minutes }, (_, index) => since + index * MINUTE_MS))
    const truth = simulator.truth.candles('ADA/USD', '1m', { since, until: clock.now() })
    expect(closed.filter(({ n }) => n > 0).map(({ t, v, c }) => [t, Number(v), Number(c)])).toEqual(
      truth.map(({ timestamp, volume, close }) => [timestamp, volume, close]),
    )
    const quiet = closed.filter(({ n }) => n === 0)
    expect(quiet.length).toBeGreaterThan(0)
    expect(quiet.every(({ f, v }) => f === -1 && v === '0')).toBe(true)
    const order = klines().map(({ t, x }) => t * 2 + Number(x))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(new Set(klines().map(({ t }) => t)).size).toBe(minutes + 1)
  })

  test('one tick over many minutes still closes each', async () => {
    await subscribe('btcusd@kline_1m', 'btcusd@kline_5m')
    await pass(10 * MINUTE_MS)
    expect(klines().filter(({ x }) => x)).toHaveLength(10 + 2)
  })

  test('number trades and aggregates each without a hole, an aggregate naming its trade', async () => {
    await subscribe('btcusd@trade', 'btcusd@aggTrade')
    for (let step = 0; step < 20; step++) await pass(9000)
    const expected = market.trades('BTC/USD', { since: NOW, until: clock.now() })
    const aggregates = socket.frames.filter(({ e }) => e === 'aggTrade')
    const trades = socket.frames.filter(({ e }) => e === 'trade')
    expect(aggregates.map(({ a, p, q, T, m }) => [String(a), Number(p), Number(q), T, m])).toEqual(
      expected.map(({ id, price, amount, timestamp, side }) => [id, price, amount, timestamp, side === 'sell']),
    )
    expect(trades.map(({ t }) => t)).toEqual(aggregates.map(({ f }) => f))
    expect(aggregates.map(({ l }) => l)).toEqual(aggregates.map(({ f }) => f))
  })

  test('named in the address need no request; combined ones say which they are', async () => {
    await using single = await RawSocket.open(simulator.url, '/ws/btcusd@trade')
    await using combined = await RawSocket.open(simulator.url, '/stream?streams=btcusd@trade/ethusd@kline_1m')
    clock.move(MINUTE_MS)
    await single.until(() => single.frames.length > 0)
    await combined.until(() => new Set(combined.frames.map(({ stream }) => stream)).size === 2)
    expect(single.frames[0]).toMatchObject({ e: 'trade', s: 'BTCUSD' })
    expect(combined.frames.find(({ stream }) => stream === 'btcusd@trade')?.data).toEqual(single.frames[0])
  })

  test('are listed, end when they are unsubscribed, and are refused with the request’s id', async () => {
    expect(await subscribe('btcusd@trade', 'btcusd@miniTicker')).toEqual({ result: null, id: 1 })
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 3 })).toEqual({
      result: ['btcusd@trade', 'btcusd@miniTicker'],
      id: 3,
    })
    expect(await ask({ method: 'UNSUBSCRIBE', params: ['btcusd@trade', 'btcusd@miniTicker'], id: 4 })).toEqual({
      result: null,
      id: 4,
    })
    const count = socket.frames.length
    await pass(10 * MINUTE_MS)
    expect(socket.frames.slice(count).filter(({ s }) => s === 'BTCUSD')).toEqual([])
    const refusals = [
      [{ method: 'SUBSCRIBE', params: ['btcusd@trade', 'nousd@trade'], id: 5 }, 'Invalid request: invalid stream', 5],
      [{ method: 'SUBSCRIBE', params: ['btcusd@kline_7m'], id: 6 }, 'Invalid request: invalid stream', 6],
      [{ method: 'DANCE', id: 7 }, 'Invalid request: unknown variant `DANCE`', 7],
      [{ id: 8 }, 'Invalid request: missing field `method`', 8],
    ] as const
    for (const [request, msg, id] of refusals) expect(await ask(request)).toEqual({ error: { code: 2, msg }, id })
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 9 })).toEqual({ result: [], id: 9 })
  })

  test('of tickers follow the trades', async () => {
    await subscribe('btcusd@miniTicker', 'btcusd@ticker')
    await pass(MINUTE_MS)
    const last = market.trades('BTC/USD', { since: NOW, until: clock.now() }).at(-1)!
    expect(socket.frames.filter(({ e }) => e === '24hrMiniTicker').at(-1)).toMatchObject({ c: String(last.price) })
    expect(socket.frames.filter(({ e }) => e === '24hrTicker').at(-1)).toMatchObject({ b: String(last.price) })
  })
})

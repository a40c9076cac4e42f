import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, type Market, type Simulator, startSimulator } from '../src/index.js'
import { createHandClock, type HandClock } from './hand-clock.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOW = SINCE + 30 * HOUR_MS + 12_345
const FORMING = NOW - 12_345

let market: Market
let clock: HandClock
let simulator: Simulator

beforeEach(async () => {
  market = createSeededMarket({ seed: 3, since: SINCE })
  clock = createHandClock(NOW)
  simulator = await startSimulator({ market, clock, protocols: ['binance'] })
})
afterEach(() => simulator.close())

async function ask<Row>(path: string): Promise<Row[]> {
  return (await (await fetch(`${simulator.url}/api/v3/${path}`)).json()) as Row[]
}

async function opens(query: string): Promise<number[]> {
  return (await ask<number[]>(`klines?symbol=BTCUSD&interval=1m${query}`)).map(([open = 0]) => open)
}

function minutes(since: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => since + index * MINUTE_MS)
}

describe('klines', () => {
  test('are the newest without a start, the first from a start on, both ends inclusive', async () => {
    expect(await opens('&limit=3')).toEqual(minutes(FORMING - 2 * MINUTE_MS, 3))
    expect(await opens('')).toHaveLength(500)
    expect(await opens('&limit=5000')).toHaveLength(1000)
    const start = SINCE + 5 * HOUR_MS
    expect(await opens(`&startTime=${start}&limit=2`)).toEqual(minutes(start, 2))
    expect(await opens(`&startTime=${start + 1}&limit=2`)).toEqual(minutes(start + MINUTE_MS, 2))
    expect(await opens(`&startTime=${start}&endTime=${start + 3 * MINUTE_MS}`)).toEqual(minutes(start, 4))
    expect(await opens(`&startTime=${start}&endTime=${start + 3 * MINUTE_MS - 1}`)).toEqual(minutes(start, 3))
    expect(await opens(`&endTime=${start}&limit=2`)).toEqual(minutes(start - MINUTE_MS, 2))
    expect(await opens(`&startTime=${start}&endTime=${start - 1}`)).toEqual([])
  })

  test('have the forming one from its first millisecond on, and no future', async () => {
    clock.move(MINUTE_MS - 12_345)
    expect((await opens('&limit=2')).at(-1)).toBe(FORMING + MINUTE_MS)
    expect(await opens(`&startTime=${FORMING + MINUTE_MS}`)).toEqual([FORMING + MINUTE_MS])
    expect(await opens(`&startTime=${FORMING + 2 * MINUTE_MS}`)).toEqual([])
    expect((await opens('&endTime=9999999999999&limit=1'))[0]).toBe(FORMING + MINUTE_MS)
  })

  test('begin with the symbol’s first trade, whatever start is asked for', async () => {
    expect((await opens('&startTime=0&limit=2'))[0]).toBe(SINCE)
  })

  test('have volume and count of their trades', async () => {
    const [row] = await ask<(number | string)[]>(`klines?symbol=BTCUSD&interval=1h&startTime=${SINCE}&limit=1`)
    const [candle] = market.candles('BTC/USD', '1h', { since: SINCE, until: SINCE + HOUR_MS })
    const { open, high, low, close, volume, trades } = candle!
    expect([row!.slice(1, 6).map(Number), row![8]]).toEqual([[open, high, low, close, volume], trades])
    expect(row![6]).toBe(SINCE + HOUR_MS - 1)
  })
})

describe('aggTrades', () => {
  const ids = async (query: string): Promise<number[]> =>
    (await ask<{ a: number }>(`aggTrades?symbol=BTCUSD${query}`)).map(({ a }) => a)
  const truth = (since: number, until: number): number[] =>
    market.trades('BTC/USD', { since, until }).map(({ id }) => Number(id))

  test('are the newest, or the first from an id on', async () => {
    const all = truth(SINCE, NOW)
    expect(await ids('')).toEqual(all.slice(-500))
    expect(await ids('&fromId=0&limit=3')).toEqual([1, 2, 3])
    expect(await ids('&fromId=700&limit=1000')).toEqual(all.slice(699, 1699))
    expect(await ids(`&fromId=${all.length + 1}`)).toEqual([])
  })

  test('are those of a time whose both ends are inclusive', async () => {
    const { timestamp } = market.trades('BTC/USD', { since: SINCE + HOUR_MS, until: NOW })[40]!
    const window = `&startTime=${timestamp - MINUTE_MS}&endTime=${timestamp}`
    expect(await ids(window)).toEqual(truth(timestamp - MINUTE_MS, timestamp + 1))
    expect(await ids(`&endTime=${timestamp}&limit=5`)).toEqual(truth(SINCE, timestamp + 1).slice(-5))
    expect(await ids(`&startTime=${timestamp}&limit=5`)).toEqual(truth(timestamp, NOW).slice(0, 5))
    expect(await ids(`&startTime=${NOW}`)).toEqual([])
  })
})

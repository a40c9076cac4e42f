import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, type Market, type Simulator, startSimulator } from '../src/index.js'
import { createHandClock } from './hand-clock.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const NOW = SINCE + 30 * 60 * MINUTE_MS + 12_345
const FORMING = NOW - 12_345

let market: Market
let simulator: Simulator

beforeEach(async () => {
  market = createSeededMarket({ seed: 3, since: SINCE })
  simulator = await startSimulator({ market, clock: createHandClock(NOW), protocols: ['coinbaseexchange'] })
})
afterEach(() => simulator.close())

function ask(path: string): Promise<Response> {
  return fetch(`${simulator.url}/products/BTC-USD/${path}`)
}

async function opens(query: string): Promise<number[]> {
  const rows = (await (await ask(`candles?granularity=60${query}`)).json()) as number[][]
  return rows.map(([open = 0]) => open * 1000)
}

describe('candles', () => {
  test('come newest first, both ends of the window inclusive, as ISO or as seconds', async () => {
    const at = SINCE + 600 * MINUTE_MS
    const window = [at + 3 * MINUTE_MS, at + 2 * MINUTE_MS, at + MINUTE_MS, at]
    const iso = (time: number) => new Date(time).toISOString()
    expect(await opens(`&start=${iso(at)}&end=${iso(at + 3 * MINUTE_MS)}`)).toEqual(window)
    expect(await opens(`&start=${at / 1000}&end=${at / 1000 + 180}`)).toEqual(window)
    expect(await opens(`&start=${iso(at)}&end=${iso(at + 3 * MINUTE_MS - 1)}`)).toEqual(window.slice(1))
    expect(await opens(`&start=${iso(at - 1)}&end=${iso(at)}`)).toEqual([at])
  })

  test('are the newest 300 intervals unless both ends are given', async () => {
    const newest = await opens('')
    expect(newest[0]).toBe(FORMING)
    expect(newest.at(-1)).toBe(FORMING - 299 * MINUTE_MS)
    expect(await opens(`&start=${SINCE / 1000}`)).toEqual(newest)
  })

  test('have low before high before open', async () => {
    const rows = (await (await ask('candles?granularity=3600')).json()) as number[][]
    const [candle] = market.candles('BTC/USD', '1h', { since: SINCE, until: SINCE + 60 * MINUTE_MS })
    const { timestamp, low, high, open, close, volume } = candle!
    expect(rows.at(-1)).toEqual([timestamp / 1000, low, high, open, close, volume])
  })
})

describe('trades', () => {
  const all = () => market.trades('BTC/USD', { since: SINCE, until: NOW }).map(({ id }) => Number(id))

  test('come newest first, with cursors to both sides', async () => {
    const response = await ask('trades?limit=3')
    const ids = ((await response.json()) as { trade_id: number }[]).map(({ trade_id }) => trade_id)
    expect(ids).toEqual(all().slice(-3).reverse())
    expect([response.headers.get('cb-before'), response.headers.get('cb-after')]).toEqual([
      String(ids[0]),
      String(ids[2]),
    ])
  })

  test('after an id are older, before an id are the newest that are newer', async () => {
    const ids = async (query: string) =>
      ((await (await ask(`trades?${query}`)).json()) as { trade_id: number }[]).map(({ trade_id }) => trade_id)
    expect(await ids('after=500&limit=3')).toEqual([499, 498, 497])
    expect(await ids('after=2')).toEqual([1])
    expect(await ids('after=1')).toEqual([])
    const last = all().at(-1)!
    expect(await ids(`before=${last - 2}`)).toEqual([last, last - 1])
    expect(await ids('')).toHaveLength(1000)
    expect((await ask('trades?limit=1001')).status).toBe(400)
  })
})

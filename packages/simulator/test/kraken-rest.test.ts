import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, type Market, type Simulator, startSimulator } from '../src/index.js'
import { createHandClock, type HandClock } from './hand-clock.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const HOUR_MS = 3_600_000
/** Inside a minute, and inside a second. */
const NOW = SINCE + 14 * HOUR_MS + 12_345
const NEW_SYMBOL = { price: 1, amount: 10 }

type Row = (string | number)[]

let market: Market
let clock: HandClock
let simulator: Simulator

beforeEach(async () => {
  market = createSeededMarket({ seed: 3, since: SINCE })
  clock = createHandClock(NOW)
  simulator = await startSimulator({ market, clock })
})
afterEach(() => simulator.close())

async function ask(path: string): Promise<{ error: string[]; result: Record<string, unknown>; date: string | null }> {
  const response = await fetch(`${simulator.url}/0/public/${path}`)
  // Cast: the tests look at what is inside.
  return {
    ...((await response.json()) as { error: string[]; result: Record<string, unknown> }),
    date: response.headers.get('date'),
  }
}

/** Rows and `last` of an answer. */
async function askRows(path: string): Promise<{ rows: Row[]; last: unknown }> {
  const { result } = await ask(path)
  const { last, ...pairs } = result
  return { rows: Object.values(pairs)[0] as Row[], last }
}

describe('REST', () => {
  test('dates every answer by the simulated time, by which clients set theirs', async () => {
    const { result, date } = await ask('Time')
    expect(result).toEqual({ unixtime: Math.floor(NOW / 1000), rfc1123: 'Thu, 01 Jan 2026 14:00:12 GMT' })
    expect(date).toBe('Thu, 01 Jan 2026 14:00:12 GMT')
    clock.move(60_000)
    expect((await ask('SystemStatus')).result).toEqual({ status: 'online', timestamp: '2026-01-01T14:01:12Z' })
    expect((await fetch(`${simulator.url}/nowhere`)).headers.get('date')).toBe('Thu, 01 Jan 2026 14:01:12 GMT')
  })

  test('names assets and pairs as kraken does', async () => {
    const { result: pairs } = await ask('AssetPairs')
    expect(pairs.XXBTZUSD).toMatchObject({
      altname: 'XBTUSD',
      wsname: 'XBT/USD',
      base: 'XXBT',
      quote: 'ZUSD',
      pair_decimals: 2,
    })
    expect(pairs.SOLUSD).toMatchObject({ altname: 'SOLUSD', wsname: 'SOL/USD', base: 'SOL', quote: 'ZUSD' })
    const { result: assets } = await ask('Assets')
    expect(assets).toMatchObject({
      XXBT: { altname: 'XBT' },
      ZUSD: { altname: 'USD', decimals: 4 },
      SOL: { altname: 'SOL' },
    })
    for (const name of ['XXBTZUSD', 'XBTUSD', 'XBT/USD']) {
      expect(Object.keys((await ask(`OHLC?pair=${name}`)).result)).toEqual(['XXBTZUSD', 'last'])
    }
  })

  test('OHLC ends with the forming candle, whose volume is only what was traded by now', async () => {
    const { rows, last } = await askRows('OHLC?pair=XBTUSD&interval=5')
    const forming = NOW - (NOW % 300_000)
    const [candle] = market.candles('BTC/USD', '5m', { since: forming, until: NOW })
    expect(rows.at(-1)?.map(Number)).toEqual([
      forming / 1000,
      ...[candle!.open, candle!.high, candle!.low, candle!.close, candle!.vwap, candle!.volume, candle!.trades],
    ])
    expect(last).toBe(forming / 1000 - 300)
    // The market began 14 hours ago: before that there is no candle to show.
    expect(rows).toHaveLength(14 * 12 + 1)
  })

  test('OHLC gives what is later than since, and the forming candle always', async () => {
    const { rows } = await askRows('OHLC?pair=XBTUSD')
    const since = Number(rows.at(-4)?.[0])
    expect((await askRows(`OHLC?pair=XBTUSD&since=${since}`)).rows).toEqual(rows.slice(-3))
    expect((await askRows(`OHLC?pair=XBTUSD&since=${since + 1e6}`)).rows).toEqual(rows.slice(-1))
    expect((await askRows(`OHLC?pair=XBTUSD&since=${SINCE / 1000}`)).rows).toEqual(rows)
    expect(rows).toHaveLength(720)
  })

  test('Trades gives the first after a cursor, and a cursor to go on with', async () => {
    const all = market.trades('ETH/USD', { since: SINCE, until: NOW })
    const first = await askRows('Trades?pair=ETHUSD&since=0&count=5')
    expect(first.rows.map((row) => row[6])).toEqual([1, 2, 3, 4, 5])
    expect(first.last).toBe(`${all[4]!.timestampUs}000`)
    expect(first.rows[0]).toEqual([
      String(all[0]!.price),
      String(all[0]!.amount),
      all[0]!.timestampUs / 1e6,
      all[0]!.side === 'buy' ? 'b' : 's',
      'm',
      '',
      1,
    ])
    const second = await askRows(`Trades?pair=ETHUSD&since=${first.last}`)
    expect(second.rows.map((row) => row[6])).toEqual(all.slice(5, 1005).map(({ id }) => Number(id)))
    const newest = await askRows('Trades?pair=ETHUSD')
    expect(newest.rows.map((row) => row[6])).toEqual(all.slice(-1000).map(({ id }) => Number(id)))
    const end = await askRows(`Trades?pair=ETHUSD&since=${newest.last}`)
    expect(end).toEqual({ rows: [], last: newest.last })
  })

  test('Trades takes since in seconds too, and has no future', async () => {
    const since = SINCE / 1000 + 3600
    const { rows } = await askRows(`Trades?pair=ETHUSD&since=${since}&count=1`)
    const [expected] = market.trades('ETH/USD', { since: since * 1000, until: NOW })
    expect(rows[0]?.[6]).toBe(Number(expected!.id))
    expect(await askRows('Trades?pair=ETHUSD&since=9999999999999999999')).toEqual({
      rows: [],
      last: '9999999999999999999',
    })
  })

  test.each([
    ['OHLC?pair=NOPE', 'EQuery:Unknown asset pair'],
    ['Trades?pair=NOPE', 'EQuery:Unknown asset pair'],
    ['OHLC', 'EGeneral:Invalid arguments'],
    ['OHLC?pair=XBTUSD&interval=7', 'EGeneral:Invalid arguments:interval'],
    ['OHLC?pair=XBTUSD&since=yesterday', 'EGeneral:Invalid arguments:since'],
    ['Trades?pair=XBTUSD&count=1001', 'EGeneral:Invalid arguments:count'],
    ['Nothing', 'EGeneral:Unknown method'],
  ])('refuses %s with %s, as an exchange does and not a crash', async (path, error) => {
    expect(await ask(path)).toMatchObject({ error: [error] })
  })

  test('failRequests fails as many as it says, in turn, and counts them', async () => {
    simulator.faults.failRequests({ status: 502, count: 2 })
    simulator.faults.failRequests({ status: 429, count: 1, retryAfterSeconds: 3 })
    const answers = []
    for (let request = 0; request < 4; request++) answers.push(await fetch(`${simulator.url}/0/public/Time`))
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 429, 200])
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual([null, null, '3', null])
    expect(simulator.counts.requests).toEqual({ '/0/public/Time': 4 })
    expect(() => simulator.faults.failRequests({ status: 200, count: 1 })).toThrow(RangeError)
    expect(() => simulator.faults.failRequests({ status: 500, count: 0 })).toThrow(RangeError)
  })

  test('refuses to start with a symbol that kraken cannot have', async () => {
    const swap = createSeededMarket({ seed: 1, since: SINCE, symbols: [{ symbol: 'BTC/USDT:USDT', ...NEW_SYMBOL }] })
    await expect(startSimulator({ market: swap, clock })).rejects.toThrow('expected spot such as BTC/USD')
  })
})

test('the truth ends at now, and has no forming candle', () => {
  const { truth } = simulator
  const until = NOW + HOUR_MS
  const trades = truth.trades('BTC/USD', { since: SINCE, until })
  expect(trades.at(-1)!.timestamp).toBeLessThan(NOW)
  clock.move(47_654)
  expect(truth.candles('BTC/USD', '1m', { since: SINCE, until }).at(-1)!.timestamp).toBe(SINCE + 14 * HOUR_MS - 60_000)
  clock.move(1)
  expect(truth.candles('BTC/USD', '1m', { since: SINCE, until }).at(-1)!.timestamp).toBe(SINCE + 14 * HOUR_MS)
  expect(truth.trades('BTC/USD', { since: until, until: until + 1 })).toEqual([])
})

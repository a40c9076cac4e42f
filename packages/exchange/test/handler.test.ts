import { describe, expect, it } from 'vitest'
import { ExchangeQueue } from '../src/index.js'
import { type Asked, openAnsweringExchange, type Told } from './answering-exchange.js'
import { createHandClock } from './hand-clock.js'
import { toMarket } from './scripted-exchange.js'

const MINUTE_MS = 60_000
const AT = Date.UTC(2026, 0, 5)
const MARKETS = [toMarket('BTC/USD', 'XXBTZUSD')]

function openKraken(answer: (asked: Asked) => Told, ccxtOptions: Readonly<Record<string, unknown>> = {}) {
  return openAnsweringExchange('kraken', {
    markets: MARKETS,
    clock: createHandClock(AT, { runs: true }),
    answer,
    ccxtOptions,
  })
}

/** docs.kraken.com/api/docs/rest-api/get-ohlc-data */
const ohlc = (rows: unknown) => ({ body: { error: [], result: { XXBTZUSD: rows, last: 0 } } })
const minutesAgo = (count: number) => (AT - count * MINUTE_MS) / 1000

describe('a row that cannot be', () => {
  it('is refused, counted and reported as the exchange sent it, and the rest is kept', async () => {
    const bad = [minutesAgo(8), '5', '4', '1', '2', '0', '1', 1]
    await using kraken = await openKraken(() =>
      ohlc([[minutesAgo(10), '2', '3', '1', '2', '0', '1', 1], bad, [minutesAgo(7), '2', '3', '1', '2', '0', '1', 1]]),
    )
    const page = await kraken.handler.getOhlcv('BTC/USD', '1m')
    expect(page.rows).toHaveLength(1)
    expect(page.covered).toEqual({ since: AT - 7 * MINUTE_MS, until: AT - 2 * MINUTE_MS })
    expect(kraken.refused).toEqual([
      ['kraken BTC/USD 1m', [AT - 8 * MINUTE_MS, 5, 4, 1, 2, 1], 'expected high at or above open and close'],
    ])
    expect(kraken.handler.counts.rowsRefused).toBe(1)
  })

  it('of a trade is reported in the wire’s own form', async () => {
    const raw = ['100', '-1', minutesAgo(10), 'b', 'm', '', 7]
    await using kraken = await openKraken(() => ({ body: { error: [], result: { XXBTZUSD: [raw], last: '1' } } }))
    const span = { since: AT - 20 * MINUTE_MS, until: AT - 5 * MINUTE_MS }
    await kraken.handler.getPublicTrades('BTC/USD', span)
    // ccxt puts the cursor behind the last one.
    expect(kraken.refused).toEqual([['kraken BTC/USD trades', [...raw, '1'], 'expected amount of 0 or more']])
  })
})

it('says what a symbol is, and names the nearest to one that is not listed', async () => {
  await using kraken = await openKraken(() => ohlc([]))
  expect(await kraken.handler.getSymbol('BTC/USD')).toMatchObject({ symbol: 'BTC/USD', active: true })
  await expect(kraken.handler.getSymbol('BTC/UDS')).rejects.toMatchObject({
    code: 'SYMBOL_UNKNOWN',
    message: expect.stringContaining('did you mean BTC/USD?'),
  })
})

it('refuses a trade whose price is no number, and no other of its page', async () => {
  const bad = ['no price', '1', minutesAgo(10), 'b', 'm', '', 7]
  const good = ['100', '1', minutesAgo(9), 'b', 'm', '', 8]
  await using kraken = await openKraken(() => ({ body: { error: [], result: { XXBTZUSD: [bad, good], last: '1' } } }))
  const span = { since: AT - 20 * MINUTE_MS, until: AT - 5 * MINUTE_MS }
  const { rows, covered } = await kraken.handler.getPublicTrades('BTC/USD', { ...span, since: AT - 11 * MINUTE_MS })
  expect(rows.map(({ id }) => id)).toEqual(['8'])
  expect(covered!.since).toBe(AT - 10 * MINUTE_MS + 1)
  expect(kraken.refused).toEqual([['kraken BTC/USD trades', bad, 'expected a finite price']])
})

it('takes an answer that ccxt stumbles over for a bad one', async () => {
  await using kraken = await openKraken(() => ({ body: { error: [], result: { XXBTZUSD: [null], last: '1' } } }))
  const span = { since: AT - 20 * MINUTE_MS, until: AT - 5 * MINUTE_MS }
  await expect(kraken.handler.getPublicTrades('BTC/USD', span)).rejects.toMatchObject({
    code: 'BAD_RESPONSE',
    message: expect.stringContaining('[null]'),
  })
})

it('keeps every digit that the exchange sent', async () => {
  const [price, amount] = [64_012.12345678901, 0.000000012345678]
  const row = [minutesAgo(10), String(price), String(price), String(price), String(price), '0', '0.000000012345678', 1]
  await using kraken = await openKraken(() => ohlc([row]))
  const { rows } = await kraken.handler.getOhlcv('BTC/USD', '1m')
  expect(rows[0]).toMatchObject({ open: price, volume: amount })
})

it('gives the newest tick', async () => {
  // docs.kraken.com/api/docs/rest-api/get-ticker-information
  const ticker = {
    a: ['30300.10000', '1', '1.000'],
    b: ['30300.00000', '1', '1.000'],
    c: ['30303.20000', '0.00067643'],
    v: ['4083.67001100', '4412.73601799'],
    p: ['30706.77771', '30689.13205'],
    t: [34619, 38907],
    l: ['29868.30000', '29868.30000'],
    h: ['31631.00000', '31631.00000'],
    o: '30502.80000',
  }
  await using kraken = await openKraken(() => ({ body: { error: [], result: { XXBTZUSD: ticker } } }))
  const tick = await kraken.handler.getTicker('BTC/USD')
  expect(tick).toMatchObject({ last: 30303.2, bid: 30300, ask: 30300.1, volume: 4412.73601799 })
  expect(tick.timestamp).toBeGreaterThanOrEqual(AT)
})

it('keeps credentials out of what it throws', async () => {
  await using kraken = await openKraken(() => ({ status: 500, body: 'failed for KEY-12345' }), {
    apiKey: 'KEY-12345',
    secret: 'c2VjcmV0',
  })
  const error = await kraken.handler.getOhlcv('BTC/USD', '1m').catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'UNAVAILABLE' })
  expect(`${error.message} ${error.stack} ${error.cause.message} ${error.cause.stack}`).not.toMatch(
    /KEY-12345|c2VjcmV0/,
  )
})

describe('handlers of one exchange in one process', () => {
  it('use the process’s share of it, and each exchange has its own', async () => {
    const clock = createHandClock(AT)
    await using queue = new ExchangeQueue({ clock, share: 0.5 })
    const [one, other, okx] = await Promise.all([
      queue.getHandler('kraken', 'one'),
      queue.getHandler('kraken', 'other'),
      queue.getHandler('okx'),
    ])
    expect(one).not.toBe(other)
    expect(await queue.getHandler('kraken', 'one')).toBe(one)
    expect(one.budget).toEqual({ weight: 30, windowMs: 60_000, burst: 2, used: 0 })
    queue.setShare(1)
    expect(other.budget).toMatchObject({ weight: 60 })
    expect(okx.budget.weight).toBeCloseTo(60_000 / 110, 6)
    expect(() => queue.setShare(0)).toThrow(/share: expected a number above 0/)
  })

  it('share one budget, at the exchange’s own weights', async () => {
    const answer = () => ohlc([[minutesAgo(10), '2', '3', '1', '2', '0', '1', 1]])
    await using kraken = await openKraken(answer)
    await kraken.handler.getOhlcv('BTC/USD', '1m')
    const other = await kraken.queue.getHandler('kraken', 'other')
    expect(other).not.toBe(kraken.handler)
    expect(other.budget.used).toBeCloseTo(1.2, 6)
    expect(kraken.handler.counts).toMatchObject({ requests: 1, retries: 0, waiting: 0 })
  })
})

it('refuses a sandbox that the exchange does not have', async () => {
  await using queue = new ExchangeQueue()
  await expect(queue.getHandler('kraken', 'a', { sandbox: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  const { exchange } = await queue.getHandler('bitmex', 'a', { sandbox: true })
  expect(exchange).toBe('bitmex')
})

it('names the exchange that was meant', async () => {
  await using queue = new ExchangeQueue()
  await expect(queue.getHandler('krakn')).rejects.toMatchObject({
    code: 'EXCHANGE_UNKNOWN',
    message: expect.stringContaining('did you mean kraken?'),
  })
  await expect(queue.getHandler('../kraken')).rejects.toMatchObject({ code: 'EXCHANGE_UNKNOWN' })
})

describe('the feed of a series', () => {
  it.for([
    ['kraken', '1m', { live: 'candles', newestCandles: 720, tradeHistory: true }],
    ['kraken', '3m', { live: 'trades', newestCandles: 720, tradeHistory: true }],
    ['binance', '1m', { live: 'candles', tradeHistory: true }],
    ['coinbaseexchange', '1m', { live: 'trades', tradeHistory: true }],
    ['bitmex', '1m', { live: 'trades', tradeHistory: true }],
    ['hyperliquid', '1m', { live: 'candles', newestCandles: 5000, tradeHistory: false }],
    ['okx', '1m', { live: 'candles', tradeHistory: true, tradesKeptMs: 89 * 86_400_000 }],
    ['okx', '4h', { live: 'candles', tradeHistory: true, tradesKeptMs: 89 * 86_400_000 }],
    ['okx', '1d', { live: 'trades', tradeHistory: true, tradesKeptMs: 89 * 86_400_000 }],
    ['bybit', '1m', { live: 'candles', tradeHistory: false }],
    ['bitstamp', '1m', { live: 'trades', tradeHistory: false }],
    ['btcmarkets', '1m', { live: 'poll', tradeHistory: false }],
  ] as const)('on %s, %s', async ([exchange, timeframe, feed]) => {
    await using queue = new ExchangeQueue()
    const handler = await queue.getHandler(exchange)
    expect(handler.feedFor('BTC/USD', timeframe)).toEqual({ ...feed, settleMs: 65_000, auditDelayMs: 150_000 })
    // ccxt would subscribe all the same, and give candles of another timeframe or without an open.
    if (feed.live === 'candles') return
    const unsupported = expect.objectContaining({ code: 'UNSUPPORTED' })
    await expect(handler.watchOhlcv('BTC/USD', timeframe).next()).rejects.toEqual(unsupported)
  })
})

import {
  buildCandles,
  type Candle,
  type Page,
  resampleCandles,
  type Span,
  spansCover,
  type Timeframe,
  type Trade,
  timeframeMs,
} from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, openOhlcv, TimeseriesRepository, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { type Random, randomOf } from './random.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const SEEDS = Number(process.env.TIMESERIES_SEEDS ?? 40)

const it = test
  .extend('candles1m', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))
  .extend('trades', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))
  .extend('series', ({ database, symbol }) => new TimeseriesRepository(database.db, 'kraken', symbol))

describe('candles made in the database are those of @fullon/market', () => {
  it.for(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %i', async (seed, { candles1m, trades, series }) => {
    const random = randomOf(seed)
    const rows = randomCandles(random)
    const prints = randomTrades(random)
    await candles1m.saveCandles({ rows, covered: minutes(-20_000, 20_000) })
    await trades.saveTrades({ rows: prints, covered: minutes(-20_000, 20_000) })
    for (const timeframe of ['1m', '3m', '1h', '8h', '1d', '3d', '1w'] as const) {
      const range = minutes(random.int(20_000) - 20_000, random.int(20_000))
      const inRange = ({ timestamp }: Candle) => timestamp >= range.since && timestamp < range.until
      const fromCandles = await series.fetchOhlcv({ timeframe, ...range })
      expectSame(fromCandles, resampleCandles(rows, '1m', timeframe).filter(inRange))
      const fromTrades = await series.fetchOhlcv({ timeframe, ...range, source: 'trades' })
      expectSame(fromTrades, buildCandles(prints, timeframe).filter(inRange))
    }
  })
})

it('makes long ranges in halves, by as many connections as there are', async ({ database, candles1m, symbol }) => {
  const rows = candles(0, 50_000).filter(({ timestamp }) => timestamp % 7 > 0)
  const odd = rows.map((row, index) => {
    const [open, close] = [100 + (index % 97), 100 + (index % 89)]
    return { ...row, open, high: 200, low: 50, close, volume: 1 / (index + 1) } // their sum tells the order
  })
  await candles1m.saveCandles({ rows: odd, covered: minutes(0, 50_000) })
  for (const maxConnections of [1, 2]) {
    await using db = await openOhlcv({ url: database.url, maxConnections })
    const series = new TimeseriesRepository(db, 'kraken', symbol)
    const range = minutes(1_000, 49_980)
    const fetched = await Promise.all(
      (['1h', '1d', '1w', '1h'] as const).map((timeframe) => series.fetchOhlcv({ timeframe, ...range })),
    )
    for (const [index, timeframe] of (['1h', '1d', '1w', '1h'] as const).entries()) {
      const inRange = ({ timestamp }: Candle) => timestamp >= range.since && timestamp < range.until
      const made = fetched[index]!.map(({ whole, ...candle }) => candle)
      expect(made).toEqual(resampleCandles(odd, '1m', timeframe).filter(inRange))
    }
  }
})

it('says which candles are made of less than their whole interval', async ({ candles1m, series }) => {
  await candles1m.saveCandles({ rows: candles(2, 8), covered: minutes(2, 8) })
  await candles1m.saveCandles({ rows: candles(10, 12), covered: minutes(10, 15) })
  const fetched = await series.fetchOhlcv({ timeframe: '5m', ...minutes(0, 20) })
  expect(fetched.map(({ timestamp, whole }) => [timestamp, whole])).toEqual([
    [minute(0), false],
    [minute(5), false],
    [minute(10), true],
  ])
})

describe('an interval without a row', () => {
  const page: Page<Candle> = { rows: [candle(0, 101), candle(3, 103)], covered: minutes(0, 5) }

  it('is left out, carries the last price on, or is empty, as asked', async ({ candles1m, series }) => {
    await candles1m.saveCandles(page)
    const request = { timeframe: '1m', ...minutes(1, 9) }
    const flat = (index: number, close: number) => {
      return { timestamp: minute(index), open: close, high: close, low: close, close, volume: 0, whole: true }
    }
    const third = { ...candle(3, 103), whole: true }
    expect(await series.fetchOhlcv(request)).toEqual([third])
    expect(await series.fetchOhlcv({ ...request, fill: 'previous' })).toEqual([
      flat(1, 101),
      flat(2, 101),
      third,
      flat(4, 103),
    ])
    const filled = await series.fetchOhlcv({ ...request, fill: 'null' })
    expect(filled.map(({ timestamp, close }) => [timestamp, close])).toEqual([
      [minute(1), null],
      [minute(2), null],
      [minute(3), 103],
      [minute(4), null],
    ])
  })

  it('is not given a price from beyond a gap', async ({ candles1m, series }) => {
    await candles1m.saveCandles(page)
    await candles1m.saveCandles({ rows: [candle(8)], covered: minutes(6, 10) })
    const filled = await series.fetchOhlcv({ timeframe: '1m', ...minutes(5, 12), fill: 'previous' })
    expect(filled.map(({ timestamp }) => timestamp)).toEqual([minute(8), minute(9)])
    // The candle of minutes 4 and 5 is made of what lies before the gap.
    const longer = await series.fetchOhlcv({ timeframe: '3m', ...minutes(0, 12), fill: 'previous' })
    expect(longer.map(({ timestamp, whole }) => [timestamp, whole])).toEqual([
      [minute(0), true],
      [minute(3), false],
      [minute(6), true],
    ])
  })

  it('carries on the price of a trade', async ({ trades, series }) => {
    await trades.saveTrades({ rows: [trade(0, 7), trade(0.5, 9)], covered: minutes(0, 3) })
    const filled = await series.fetchOhlcv({ timeframe: '1m', ...minutes(1, 5), source: 'trades', fill: 'previous' })
    expect(filled.map(({ timestamp, close }) => [timestamp, close])).toEqual([
      [minute(1), 9],
      [minute(2), 9],
    ])
  })
})

describe.for(['previous', 'null'] as const)('filled with %s', (fill) => {
  it('covered intervals and no others have a candle', async ({ candles1m, series }) => {
    const random = randomOf(7)
    await candles1m.saveCandles({ rows: [candle(-20_000)], covered: minutes(-20_000, -19_999) })
    for (let index = 0; index < 12; index++) {
      const since = random.int(600)
      const covered = minutes(since, since + 1 + random.int(60))
      await candles1m.saveCandles({ rows: [candle(since)], covered })
    }
    const { covered } = await candles1m.coverage()
    for (const timeframe of ['1m', '5m', '15m'] as const) {
      const range = minutes(0, 660)
      const filled = await series.fetchOhlcv({ timeframe, ...range, fill })
      const held = new Map(filled.map(({ timestamp, whole }) => [timestamp, whole]))
      for (const span of intervals(range, timeframe)) {
        const expected = spansCover(covered, span)
        if (expected || held.has(span.since)) expect(held.get(span.since)).toBe(expected)
      }
    }
  })
})

it('refuses a timeframe that the stored one does not divide', async ({ candles1m, series, database, symbol }) => {
  expect(await series.fetchOhlcv({ timeframe: '1m', ...minutes(0, 9) })).toEqual([])
  const hourly = new CandleRepository(database.db, 'kraken', symbol, '2h')
  await hourly.saveCandles({ rows: [], covered: { since: minute(0), until: minute(120) } })
  const refused = series.fetchOhlcv({ timeframe: '1h', ...minutes(0, 9) })
  await expect(refused).rejects.toThrow(/expected a multiple of the stored 2h, got 1h/)
  await expect(series.fetchOhlcv({ timeframe: '3d', ...minutes(0, 9) })).resolves.toEqual([])
  await candles1m.saveCandles({ rows: candles(0, 2), covered: minutes(0, 2) })
  expect(await series.fetchOhlcv({ timeframe: '1m', ...minutes(0, 9) })).toHaveLength(2)
})

it('takes the stored timeframe that holds most of what is asked for', async ({
  candles1m,
  series,
  database,
  symbol,
}) => {
  const hourly = new CandleRepository(database.db, 'kraken', symbol, '1h')
  await candles1m.saveCandles({ rows: [candle(0, 105)], covered: minutes(0, 240) })
  const row = { ...candle(0, 107), timestamp: minute(0) }
  await hourly.saveCandles({ rows: [row], covered: minutes(0, 120) })
  expect((await series.fetchOhlcv({ timeframe: '2h', ...minutes(0, 240) })).map(({ close }) => close)).toEqual([105])
  expect((await series.fetchOhlcv({ timeframe: '2h', ...minutes(0, 120) })).map(({ close }) => close)).toEqual([107])
})

it('streams a long range in arrays that together are the range, and stops when told to', async ({
  candles1m,
  series,
}) => {
  await candles1m.saveCandles({ rows: candles(-15_000, 15_000), covered: minutes(-15_000, 16_000) })
  const range = { timeframe: '1m', since: 0, until: minute(1e6), fill: 'previous' } as const
  const arrays = []
  for await (const array of series.streamOhlcv(range)) arrays.push(array)
  expect(arrays.length).toBeGreaterThan(2)
  expect(arrays.flat()).toEqual(await series.fetchOhlcv(range))
  expect(arrays.flat()).toHaveLength(31_000)
  const stop = new AbortController()
  const stream = series.streamOhlcv({ ...range, signal: stop.signal })
  await stream.next()
  stop.abort(new Error('enough'))
  await expect(stream.next()).rejects.toThrow('enough')
})

function expectSame(actual: readonly (Candle & { whole: boolean })[], expected: readonly Candle[]): void {
  expect(actual.map(({ whole, volume, ...candle }) => candle)).toEqual(expected.map(({ volume, ...candle }) => candle))
  for (const [index, { volume }] of expected.entries()) {
    expect(Math.abs(actual[index]!.volume - volume)).toBeLessThanOrEqual(1e-9 * volume)
  }
}

function randomCandles(random: Random): Candle[] {
  const times = new Set(Array.from({ length: 300 }, () => random.int(40_000) - 20_000))
  return [...times]
    .sort((a, b) => a - b)
    .map((index) => {
      const [open, close] = [100 + random.int(900) / 7, 100 + random.int(900) / 7]
      const [low, high] = [Math.min(open, close) - random.int(3), Math.max(open, close) + random.int(3)]
      return { timestamp: minute(index), open, high, low, close, volume: 0.1 + random.int(1e9) / 1e7 }
    })
}

function randomTrades(random: Random): Trade[] {
  const times = Array.from({ length: 300 }, () => minute(random.int(40_000) - 20_000) + random.int(3))
  return times
    .sort((a, b) => a - b)
    .map((timestamp, index) => {
      return { ...trade(0, 100 + random.int(900) / 7, `${index * 7}`), timestamp, amount: 0.1 + random.int(1e9) / 1e7 }
    })
}

function intervals({ since, until }: Span, timeframe: Timeframe): Span[] {
  const length = timeframeMs(timeframe)
  const first = Math.ceil(since / length) * length
  return Array.from({ length: Math.floor((until - first) / length) }, (_, index) => {
    return { since: first + index * length, until: first + (index + 1) * length }
  })
}

import { type Trade, timeframeMs } from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, TimeseriesRepository, TradeRepository } from '../src/index.js'
import { windowsFrom } from '../src/sql/edge-windows.js'
import { test } from './fixtures.js'
import { candle, candles, MONDAY, minute, trade } from './rows.js'

const DAY_MS = timeframeMs('1d')
const WEEK_MS = timeframeMs('1w')
const YEARS = { since: MONDAY, until: MONDAY + 100 * WEEK_MS }

const it = test
  .extend('repo', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))
  .extend('trades', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))

describe('a read of the newest or the oldest rows', () => {
  it('waits for no week between that is being clustered', async ({ database: { db, sql }, symbol, repo, trades }) => {
    const at = (timestamp: number): Trade => ({ ...trade(0), timestamp, id: `${timestamp}` })
    const days = Array.from({ length: 700 }, (_, day) => MONDAY + day * DAY_MS)
    const rows = days.map((timestamp) => ({ ...candle(0), timestamp }))
    await repo.saveCandles({ rows, covered: YEARS })
    await trades.saveTrades({ rows: days.map(at), covered: YEARS })
    const series = new TimeseriesRepository(db, 'kraken', symbol)
    const lastHour = { since: YEARS.until - 3_600_000, until: YEARS.until }
    await sql.begin(async (sealer) => {
      await sealer`lock table ohlcv.candles_2024_11_04, ohlcv.trades_2024_11_04 in access exclusive mode` // as CLUSTER
      expect(await repo.getCandles({ limit: 20 })).toEqual(rows.slice(-20))
      expect(await repo.getCandles({ since: 0, limit: 20 })).toEqual(rows.slice(0, 20))
      expect(await trades.getRecentTrades(20)).toEqual(days.slice(-20).map(at))
      expect(await trades.getTradesInRange({ ...YEARS, limit: 3 })).toEqual(days.slice(0, 3).map(at))
      expect([await repo.getOldestTimestamp(), await repo.getLatestTimestamp()]).toEqual([days[0], days.at(-1)])
      expect([await trades.getOldestTimestamp(), await trades.getLatestTimestamp()]).toEqual([days[0], days.at(-1)])
      const [first] = await series.fetchOhlcv({ ...lastHour, timeframe: '1m', fill: 'previous' })
      expect(first).toMatchObject({ timestamp: lastHour.since, close: 100, volume: 0 })
    })
  })

  it('finds them however far from the edge they are', async ({ repo, trades }) => {
    await repo.saveCandles({ rows: candles(500_000, 500_003), covered: YEARS })
    await trades.saveTrades({ rows: [trade(500_000)], covered: YEARS })
    expect(await repo.getCandles({ limit: 2 })).toEqual(candles(500_001, 500_003))
    expect(await repo.getCandles({ since: 0, limit: 5 })).toEqual(candles(500_000, 500_003))
    expect([await repo.getOldestTimestamp(), await repo.getLatestTimestamp()]).toEqual([
      minute(500_000),
      minute(500_002),
    ])
    expect(await trades.getRecentTrades(5)).toEqual([trade(500_000)])
    expect(await repo.getCandles({ limit: 0 })).toEqual([])
  })

  it('takes as many as a whole number says, and nothing else', async ({ repo, trades }) => {
    for (const limit of [-1, 1.5, Number.NaN, '1; drop schema ohlcv' as unknown as number]) {
      await expect(repo.getCandles({ limit })).rejects.toThrow(RangeError)
      await expect(trades.getRecentTrades(limit)).rejects.toThrow(RangeError)
      await expect(trades.getTradesInRange({ ...YEARS, limit })).rejects.toThrow(RangeError)
    }
  })
})

test('windows grow from their edge to the whole', () => {
  expect([...windowsFrom('newest', { since: 0, until: 10 * WEEK_MS })]).toEqual([
    { since: 9 * WEEK_MS, until: 10 * WEEK_MS },
    { since: 2 * WEEK_MS, until: 10 * WEEK_MS },
    { since: 0, until: 10 * WEEK_MS },
  ])
  expect([...windowsFrom('oldest', { since: 5, until: 5 + WEEK_MS })]).toEqual([{ since: 5, until: 5 + WEEK_MS }])
})

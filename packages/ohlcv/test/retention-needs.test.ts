import type { Series, Span } from '@fullon/market'
import { describe, expect, test } from 'vitest'
import { applyRetention, CandleRepository, findTradesNeeded, TradeRepository } from '../src/index.js'
import { openTestDatabase } from './fixtures.js'
import { candles, minute, minutes, trade } from './rows.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe('trades that were fetched for a candle which is older than trades are kept', () => {
  const now = minute(0) + 100 * DAY_MS
  const day = { since: minute(0) + DAY_MS, until: minute(0) + 2 * DAY_MS }
  const noon = day.since + DAY_MS / 2
  const keepMs = ({ timeframe }: Series) => (timeframe ? undefined : 90 * DAY_MS)
  const build = { timeframe: '1d', finalBefore: day.until }

  test('stay until it is whole, however many calls that takes', async () => {
    await using own = await openTestDatabase()
    const { db, sql } = own
    const trades = new TradeRepository(db, 'kraken', 'BTC/USD')
    const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1d')
    await repo.initSymbol()
    const needed = () => findTradesNeeded(repo, trades, { since: day.since, build })
    const fetchPage = async (span: Span) => {
      const rows = [{ ...trade(0), timestamp: span.since, id: `${span.since}` }]
      await trades.saveTrades({ rows, covered: span, confirmedUntil: span.until }, { build })
      return applyRetention(db, { kind: 'trades', now, keepMs })
    }
    expect(await fetchPage({ since: noon, until: day.until })).toEqual({ partitions: 0, rows: 0 })
    expect(await needed()).toEqual([{ since: day.since, until: noon }])
    expect(await fetchPage({ since: day.since, until: noon })).toEqual({ partitions: 1, rows: 0 })
    expect(await sql`select from pg_inherits where inhparent = 'ohlcv.trades'::regclass`).toHaveLength(0)
    expect((await repo.coverage()).confirmed).toEqual([day])
    expect(await repo.getCandles()).toMatchObject([{ timestamp: day.since, volume: 1 }])
    expect(await needed()).toEqual([])
  })

  test('go when it is not to be had, or not kept itself', async () => {
    await using own = await openTestDatabase()
    const { db } = own
    const keepAll = () => 90 * DAY_MS
    for (const [symbol, keep] of [['LOST/USD', keepMs] as const, ['OLD/USD', keepAll] as const]) {
      const trades = new TradeRepository(db, 'kraken', symbol)
      const repo = new CandleRepository(db, 'kraken', symbol, '1d')
      await repo.initSymbol()
      if (symbol === 'LOST/USD') await repo.markUnavailable(day, 'delisted')
      await trades.saveTrades({ rows: [trade(24 * 60)], covered: { since: day.since, until: noon } })
      await applyRetention(db, { kind: 'trades', now, keepMs: keep })
      expect(await trades.coverage()).toMatchObject({ covered: [] })
    }
  })
})

test('nothing that is due waits for a series that is being saved', async () => {
  await using own = await openTestDatabase()
  const { db, sql } = own
  const repos = ['BTC/USD', 'ETH/USD'].map((symbol) => new CandleRepository(db, 'kraken', symbol, '1m'))
  for (const repo of repos) await repo.saveCandles({ rows: candles(0, 4), covered: minutes(0, 4) })
  const now = minute(2) + DAY_MS + HOUR_MS
  const keepMs = ({ symbol }: Series) => (symbol === 'BTC/USD' ? DAY_MS : undefined)
  await sql.begin(async (slow) => {
    await slow`select from ohlcv.coverage where series_id = (select max(series_id) from ohlcv.series) for update`
    expect(await applyRetention(db, { kind: 'candles', now, keepMs })).toEqual({ partitions: 0, rows: 2 })
  })
  expect(await repos[0]?.getCandles()).toEqual(candles(2, 4))
  expect(await repos[1]?.getCandles()).toEqual(candles(0, 4))
})

test('trades go and the candles built from them stay', async () => {
  await using own = await openTestDatabase()
  const { db } = own
  const trades = new TradeRepository(db, 'kraken', 'BTC/USD')
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  const page = { rows: [trade(0), trade(1.5)], covered: minutes(0, 3) }
  await trades.saveTrades(page, { build: { timeframe: '1m' } })
  const now = minute(1.5) + DAY_MS + HOUR_MS // in the middle of a minute
  expect(await applyRetention(db, { kind: 'trades', now, keepMs: DAY_MS })).toEqual({ partitions: 0, rows: 1 })
  expect((await trades.coverage()).covered).toEqual([minutes(1, 3)])
  await trades.buildCandles(minutes(0, 3), { timeframe: '1m' })
  expect(await repo.getCandles()).toHaveLength(2)
  expect(await applyRetention(db, { kind: 'trades', now: now + DAY_MS * 30, keepMs: DAY_MS })).toEqual({
    partitions: 1,
    rows: 0,
  })
  expect(await repo.getCandles()).toHaveLength(2)
  expect(await trades.saveTrades(page)).toMatchObject({ inserted: 2 })
})

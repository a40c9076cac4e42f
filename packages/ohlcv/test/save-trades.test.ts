import { expect } from 'vitest'
import { TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { minute, minutes, trade } from './rows.js'

const it = test.extend('repo', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))

it('keeps trades that share a millisecond, whatever is in their ids', async ({ repo }) => {
  const rows = ['1', '12', '"', '\\', "'); --", '{a,b}', 'é'].map((id, index) => trade(1, index, id))
  await repo.saveTrades({ rows, covered: minutes(0, 2) })
  const stored = await repo.getTradesInRange(minutes(0, 2))
  expect(stored).toHaveLength(rows.length)
  expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(rows.map(({ id }) => id)))
})

it('replaces what it confirms and leaves confirmed trades alone afterwards', async ({ repo }) => {
  await repo.saveTrades({ rows: [trade(0), trade(1), trade(2)], covered: minutes(0, 3) })
  const confirmed = { rows: [trade(0, 90)], covered: minutes(0, 2), confirmedUntil: minute(2) }
  expect(await repo.saveTrades(confirmed)).toEqual({
    inserted: 0,
    corrected: 1,
    deleted: 1,
    unchanged: 0,
    refused: 0,
    built: 0,
  })
  const late = { rows: [trade(0, 70), trade(1), trade(2.5)], covered: minutes(0, 3) }
  expect(await repo.saveTrades(late)).toEqual({
    inserted: 1,
    corrected: 0,
    deleted: 0,
    unchanged: 0,
    refused: 2,
    built: 0,
  })
  expect(await repo.getTradesInRange(minutes(0, 3))).toEqual([trade(0, 90), trade(2), trade(2.5)])
})

it('gives the newest trades in the order they happened', async ({ repo }) => {
  const rows = [trade(0), trade(1, 1, '9'), trade(1, 1, '10'), trade(2)]
  await repo.saveTrades({ rows, covered: minutes(0, 3) })
  expect(await repo.getRecentTrades(3)).toEqual(rows.slice(1))
  expect(await repo.getTradesInRange({ ...minutes(1, 3), limit: 2 })).toEqual(rows.slice(1, 3))
  expect(await repo.getOldestTimestamp()).toBe(minute(0))
  expect(await repo.getLatestTimestamp()).toBe(minute(2))
})

it('writes nothing when the same page comes again', async ({ repo, database }) => {
  const page = { rows: [trade(-1), trade(0), trade(0.5)], covered: minutes(-1, 2), confirmedUntil: minute(0.2) }
  await repo.saveTrades(page, { build: { timeframe: '1m' } })
  const versions = () => database.sql`
    select xmin::text, ctid::text from ohlcv.trades union all select xmin::text, ctid::text from ohlcv.candles
    union all select xmin::text, ctid::text from ohlcv.coverage`
  const before = [...(await versions())]
  expect(await repo.saveTrades(page, { build: { timeframe: '1m' } })).toMatchObject({ unchanged: 3, built: 0 })
  expect([...(await versions())]).toEqual(before)
})

it('stores more trades of one page than go in one statement, some in one millisecond at the seam', async ({ repo }) => {
  const rows = Array.from({ length: 25_000 }, (_, index) =>
    trade(Math.floor(index / 100) / 10, index, `${100_000 + index}`),
  )
  const page = { rows, covered: minutes(0, 30), confirmedUntil: minute(30) }
  expect(await repo.saveTrades(page)).toMatchObject({ inserted: 25_000 })
  const fewer = rows.filter((_, index) => index !== 9_999 && index !== 10_001)
  expect(await repo.saveTrades({ ...page, rows: fewer })).toMatchObject({ deleted: 2, unchanged: 24_998 })
  expect(await repo.getTradesInRange(page.covered)).toEqual(fewer)
})

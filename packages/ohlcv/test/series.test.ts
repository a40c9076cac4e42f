import { expect } from 'vitest'
import { CandleRepository, deleteSeries, listSeries, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candles, minutes, trade } from './rows.js'

test('a deleted series is gone with what vouched for it, others stay, and it can be collected again', async ({
  database: { db, sql },
  symbol,
}) => {
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  const trades = new TradeRepository(db, 'kraken', symbol)
  const page = { rows: candles(-3, 3), covered: minutes(-3, 3) }
  await repo.saveCandles({ ...page, unavailable: { ...minutes(-9, -3), reason: 'too old' } })
  await trades.saveTrades({ rows: [trade(0)], covered: minutes(0, 1) })

  expect(await deleteSeries(db, { exchange: 'kraken', symbol, timeframe: '1m' })).toBe(6)
  expect(await repo.coverage()).toEqual({ covered: [], confirmed: [], built: [], unavailable: [] })
  expect(await sql`select from ohlcv.candles where series_id not in (select series_id from ohlcv.series)`).toEqual([])
  expect(await trades.getTradesInRange(minutes(0, 1))).toHaveLength(1)
  expect(await deleteSeries(db, { exchange: 'kraken', symbol, timeframe: '1m' })).toBe(0)
  expect(await repo.saveCandles(page)).toMatchObject({ inserted: 6 })
})

test('a save that meets a deletion is whole or nothing', async ({ database: { db, sql }, symbol }) => {
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  const page = { rows: candles(0, 3), covered: minutes(0, 3) }
  const done = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) =>
      index % 3 ? repo.saveCandles(page) : deleteSeries(db, { exchange: 'kraken', symbol, timeframe: '1m' }),
    ),
  )
  for (const one of done) if (one.status === 'rejected') expect(one.reason).toMatchObject({ transient: true })
  expect(await sql`select from ohlcv.candles where series_id not in (select series_id from ohlcv.series)`).toEqual([])
  const rows = await repo.getCandles()
  expect(rows).toEqual((await repo.coverage()).covered.length ? page.rows : [])
})

test('lists how many rows each series has when asked', async ({ database: { db }, symbol }) => {
  await new CandleRepository(db, 'kraken', symbol, '1m').saveCandles({ rows: candles(-3, 3), covered: minutes(-3, 3) })
  await new TradeRepository(db, 'kraken', symbol).initSymbol()
  const listed = (await listSeries(db, { counts: true })).filter((series) => series.symbol === symbol)
  expect(listed.map(({ timeframe, rows }) => [timeframe, rows])).toEqual([
    ['1m', 6],
    [undefined, 0],
  ])
})

test('making a symbol known says nothing about it', async ({ database: { db, sql }, symbol }) => {
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  await repo.initSymbol()
  await repo.initSymbol()
  expect(await sql`select from ohlcv.series where symbol = ${symbol}`).toHaveLength(1)
  expect(await repo.coverage()).toEqual({ covered: [], confirmed: [], built: [], unavailable: [] })
  expect(await repo.gaps(minutes(0, 1))).toEqual([minutes(0, 1)])
})

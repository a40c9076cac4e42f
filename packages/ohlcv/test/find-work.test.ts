import { expect } from 'vitest'
import { CandleRepository, findTradesNeeded, findWantedSince, findWork, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candle, minute, minutes, trade } from './rows.js'

const it = test
  .extend('trades', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))
  .extend('candles1m', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))

it('names candles that could only be built from trades which are not to be had', async ({ trades, candles1m }) => {
  const [since, build] = [minute(0), { timeframe: '1m', finalBefore: minute(10) }]
  const needed = () => findTradesNeeded(candles1m, trades, { since, build })
  expect(await needed()).toEqual([minutes(0, 10)])
  await trades.saveTrades({ rows: [trade(4.5)], covered: minutes(4, 7), confirmedUntil: minute(7) })
  await trades.markUnavailable(minutes(0, 3.5), 'delisted')
  expect(await needed()).toEqual([minutes(7, 10), minutes(3.5, 4)])
  const coverage = await candles1m.coverage()
  expect(coverage).toMatchObject({ built: [minutes(4, 7)], unavailable: [{ ...minutes(0, 4), reason: 'delisted' }] })
  expect(await candles1m.gaps(minutes(0, 10))).toEqual([minutes(7, 10)])
})

it('lacks nothing without history asked for until a first candle has settled', async ({ candles1m }) => {
  const delays = { settleMs: 65_000, auditDelayMs: 150_000, auditEveryMs: 3_600_000 }
  const look = async (now: number) => {
    const since = await findWantedSince(candles1m, { now, backtestMs: 0 })
    return findWork(candles1m, { ...delays, since, now })
  }
  expect(await look(minute(10))).toEqual([])
  await candles1m.saveCandles({ rows: [candle(9)], covered: minutes(9, 10) })
  expect(await look(minute(10))).toEqual([])
  expect(await look(minute(12.5))).toEqual([minutes(10, 11)])
})

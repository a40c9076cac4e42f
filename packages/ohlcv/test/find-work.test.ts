import { Pool } from 'pg'
import { expect } from 'vitest'
import {
  CandleRepository,
  findTradesNeeded,
  findWantedSince,
  findWork,
  openOhlcv,
  TradeRepository,
} from '../src/index.js'
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

it('asks for final answers only as far as they can be final', async ({ candles1m }) => {
  const delays = { settleMs: 65_000, auditDelayMs: 150_000, auditEveryMs: 3_600_000 }
  const lacking = await findWork(candles1m, { ...delays, since: minute(0), now: minute(180) })
  expect(lacking).toEqual([minutes(0, 178), minutes(0, 177)])
})

it('asks as seldom for many candles that are lacking as for one', async ({ database, symbol }) => {
  const pool = new Pool({ connectionString: database.url, max: 1 })
  const db = await openOhlcv({ pool })
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  const prints = new TradeRepository(db, 'kraken', symbol)
  let asked = 0
  pool.on('acquire', () => asked++)
  const askedFor = async () => {
    asked = 0
    const build = { timeframe: '1m', finalBefore: minute(40) }
    return [(await findTradesNeeded(repo, prints, { since: minute(0), build })).length, asked]
  }
  const [one, forOne] = await askedFor()
  for (let index = 0; index < 40; index += 2) {
    await repo.saveCandles({ rows: [candle(index)], covered: minutes(index, index + 1), confirmedUntil: minute(40) })
    // Of the next candle a part, which nothing can be built of.
    const covered = minutes(index + 1, index + 1.5)
    await prints.saveTrades({ rows: [], covered, confirmedUntil: covered.until })
  }
  expect([one, ...(await askedFor())]).toEqual([1, 20, forOne])
  await db.close()
  await pool.end()
})

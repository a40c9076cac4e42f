import { buildCandles, type Page, type Trade } from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const it = test
  .extend('trades', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))
  .extend('candles1m', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))

const build = { timeframe: '1m' }

function tradePage(since: number, until: number, rows: Trade[], confirmed = false): Page<Trade> {
  return { rows, covered: minutes(since, until), ...(confirmed && { confirmedUntil: minute(until) }) }
}

it('builds a candle exactly when the last part of its minute is covered', async ({ trades, candles1m }) => {
  const first = [trade(0.2, 100), trade(0.4, 120)]
  expect(await trades.saveTrades(tradePage(0.1, 0.5, first), { build })).toMatchObject({ inserted: 2, built: 0 })
  expect(await trades.saveTrades(tradePage(0.6, 1.5, [trade(0.7, 90)]), { build })).toMatchObject({ built: 0 })
  expect(await trades.saveTrades(tradePage(0, 0.1, []), { build })).toMatchObject({ built: 0 })
  expect(await candles1m.getCandles()).toEqual([])

  expect(await trades.saveTrades(tradePage(0.5, 0.6, []), { build })).toMatchObject({ built: 1 })
  const built = { timestamp: minute(0), open: 100, high: 120, low: 90, close: 90, volume: 1.5 }
  expect(await candles1m.getCandles()).toEqual([built])
  expect(await candles1m.coverage()).toMatchObject({ covered: [minutes(0, 1)], confirmed: [], built: [minutes(0, 1)] })
})

it('covers a minute without trades, without a candle', async ({ trades, candles1m }) => {
  expect(await trades.saveTrades(tradePage(0, 2, [trade(0.5)]), { build })).toMatchObject({ built: 1 })
  expect(await candles1m.gaps(minutes(0, 3))).toEqual([minutes(2, 3)])
})

it('follows a late trade and a withdrawn one', async ({ trades, candles1m }) => {
  await trades.saveTrades(tradePage(0, 2, [trade(0.5), trade(1.5)]), { build })
  expect(await trades.saveTrades(tradePage(0.6, 0.8, [trade(0.7, 150)]), { build })).toMatchObject({ built: 1 })
  expect((await candles1m.getCandles()).map(({ high }) => high)).toEqual([150, 100])
  await trades.saveTrades(tradePage(1, 2, [], true), { build })
  expect((await candles1m.getCandles()).map(({ timestamp }) => timestamp)).toEqual([minute(0)])
})

it('makes nothing known of a symbol that has no trades', async ({ trades, database, symbol }) => {
  const known = () => database.sql`select timeframe from ohlcv.series where symbol = ${symbol}`
  expect(await trades.buildCandles(minutes(0, 3), build)).toBe(0)
  expect([...(await known())]).toEqual([])
  await trades.saveTrades(tradePage(0.5, 0.7, [trade(0.6)]), { build })
  expect([...(await known())]).toEqual([{ timeframe: null }])
})

it('opens and closes by time and then id, numbers as numbers', async ({ trades, candles1m }) => {
  const rows = [trade(0, 3, '9'), trade(0, 1, '10'), trade(0.5, 8, 'b'), trade(0.5, 7, 'a')]
  await trades.saveTrades(tradePage(0, 1, rows), { build })
  expect(await candles1m.getCandles()).toEqual(buildCandles(rows, '1m'))
  expect(await candles1m.getCandles()).toMatchObject([{ open: 3, close: 8 }])
})

it('starts weeks on Monday', async ({ trades, database, symbol }) => {
  const weekly = new CandleRepository(database.db, 'kraken', symbol, '1w')
  const rows = [trade(-1, 1), trade(1, 2), trade(10_079, 3)]
  await trades.saveTrades(tradePage(-10_080, 10_080, rows), { build: { timeframe: '1w' } })
  expect(await weekly.getCandles()).toEqual(buildCandles(rows, '1w'))
  expect(await weekly.getCandles()).toMatchObject([{ timestamp: minute(-10_080) }, { timestamp: minute(0) }])
})

describe("the exchange's own candle", () => {
  it('is never built over', async ({ trades, candles1m }) => {
    await candles1m.saveCandles({ rows: [candle(1)], covered: minutes(0, 2) })
    expect(await trades.saveTrades(tradePage(0, 3, [trade(0.5), trade(1.5), trade(2.5)]), { build })).toMatchObject({
      built: 1,
    })
    expect((await candles1m.getCandles()).map(({ timestamp }) => timestamp)).toEqual([minute(1), minute(2)])
    expect((await candles1m.coverage()).built).toEqual([minutes(2, 3)])
  })

  it.for(['provisional', 'confirmed'])('wins over a built one when %s', async (strength, { trades, candles1m }) => {
    await trades.saveTrades(tradePage(0, 3, [trade(0.5), trade(1.5), trade(2.5)]), { build })
    const confirmedUntil = strength === 'confirmed' ? { confirmedUntil: minute(2) } : {}
    const saved = await candles1m.saveCandles({ rows: [candle(0, 130)], covered: minutes(0, 2), ...confirmedUntil })
    expect(saved).toEqual({ inserted: 0, corrected: 1, deleted: 1, unchanged: 0, refused: 0 })
    expect((await candles1m.getCandles()).map(({ close }) => close)).toEqual([130, 100])
    expect((await candles1m.coverage()).built).toEqual([minutes(2, 3)])
    await trades.saveTrades(tradePage(0, 1, [trade(0.5, 70)], true), { build })
    expect((await candles1m.getCandles()).at(0)).toEqual(candle(0, 130))
  })
})

describe("beyond the reach of the exchange's candle history", () => {
  const final = { build: { ...build, finalBefore: minute(2) } }

  it('confirmed trades win over a provisional candle and are final', async ({ trades, candles1m }) => {
    await candles1m.saveCandles({ rows: candles(0, 3), covered: minutes(0, 3) })
    await trades.saveTrades(tradePage(0, 3, [trade(0.5, 70)], true), final)
    expect(await candles1m.getCandles()).toEqual([...buildCandles([trade(0.5, 70)], '1m'), candle(2)])
    expect(await candles1m.coverage()).toMatchObject({ confirmed: [minutes(0, 2)], built: [minutes(0, 2)] })
  })

  it('provisional trades are not final', async ({ trades, candles1m }) => {
    await trades.saveTrades({ ...tradePage(0, 2, [trade(0.5)]), confirmedUntil: minute(0.9) }, final)
    expect(await candles1m.coverage()).toMatchObject({ covered: [minutes(0, 2)], confirmed: [] })
  })

  it('a candle that is only partly there is not final', async ({ trades, candles1m }) => {
    await trades.saveTrades(tradePage(0, 3, [trade(0.5)], true), { build: { ...build, finalBefore: minute(1.5) } })
    expect(await candles1m.coverage()).toMatchObject({ covered: [minutes(0, 3)], confirmed: [minutes(0, 1)] })
  })

  it('a candle that the exchange confirmed stays', async ({ trades, candles1m }) => {
    await candles1m.saveCandles({ rows: candles(0, 1), covered: minutes(0, 1), confirmedUntil: minute(1) })
    await trades.saveTrades(tradePage(0, 1, [trade(0.5, 70)], true), final)
    expect(await candles1m.getCandles()).toEqual(candles(0, 1))
  })

  it('a final candle follows a correction of its trades', async ({ trades, candles1m }) => {
    await trades.saveTrades(tradePage(0, 1, [trade(0.5, 70)], true), final)
    expect(await trades.saveTrades(tradePage(0, 1, [trade(0.5, 80)], true), { build })).toMatchObject({ built: 1 })
    expect(await candles1m.getCandles()).toEqual(buildCandles([trade(0.5, 80)], '1m'))
  })

  it('builds what was stored before it came out of reach', async ({ trades, candles1m }) => {
    await trades.saveTrades(tradePage(0, 3, [trade(0.5, 70), trade(2.5)], true))
    expect(await trades.buildCandles(minutes(0, 3), final.build)).toBe(2)
    expect(await candles1m.coverage()).toMatchObject({ covered: [minutes(0, 3)], confirmed: [minutes(0, 2)] })
    expect(await trades.buildCandles(minutes(0, 3), final.build)).toBe(0)
  })
})

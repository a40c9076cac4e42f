import { describe, expect } from 'vitest'
import { CandleRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { randomOf } from './random.js'
import { candle, candles, minute, minutes } from './rows.js'

const it = test.extend('repo', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))

describe('a confirmed page', () => {
  it('deletes a candle that the exchange has withdrawn', async ({ repo }) => {
    await repo.saveCandles({ rows: candles(0, 3), covered: minutes(0, 3) })
    const saved = await repo.saveCandles({
      rows: [candle(0), candle(2)],
      covered: minutes(0, 3),
      confirmedUntil: minute(3),
    })
    expect(saved).toEqual({ inserted: 0, corrected: 0, deleted: 1, unchanged: 2, refused: 0 })
    expect(await repo.getCandles()).toEqual([candle(0), candle(2)])
  })

  it('corrects a candle, even one confirmed before', async ({ repo }) => {
    const page = { covered: minutes(0, 2), confirmedUntil: minute(2) }
    await repo.saveCandles({ ...page, rows: candles(0, 2) })
    const saved = await repo.saveCandles({ ...page, rows: [candle(0, 120), candle(1)] })
    expect(saved).toEqual({ inserted: 0, corrected: 1, deleted: 0, unchanged: 1, refused: 0 })
    expect(await repo.getCandles()).toEqual([candle(0, 120), candle(1)])
  })

  it('replaces only before confirmedUntil, and never outside its own span', async ({ repo }) => {
    await repo.saveCandles({ rows: candles(0, 6), covered: minutes(0, 6) })
    const saved = await repo.saveCandles({ rows: [], covered: minutes(1, 4), confirmedUntil: minute(3) })
    expect(saved.deleted).toBe(2)
    expect(await repo.getCandles()).toEqual([candle(0), ...candles(3, 6)])
    expect((await repo.coverage()).confirmed).toEqual([minutes(1, 3)])
  })

  it('confirms nothing beyond what it covers', async ({ repo }) => {
    await repo.saveCandles({ rows: candles(0, 2), covered: minutes(0, 2), confirmedUntil: minute(60) })
    expect(await repo.coverage()).toMatchObject({ covered: [minutes(0, 2)], confirmed: [minutes(0, 2)] })
    // Nor where something was covered before, which goes another way.
    await repo.saveCandles({ rows: candles(4, 6), covered: minutes(4, 6) })
    await repo.saveCandles({ rows: candles(4, 6), covered: minutes(4, 6), confirmedUntil: minute(60) })
    expect((await repo.coverage()).confirmed).toEqual([minutes(0, 2), minutes(4, 6)])
  })
})

describe('a provisional page', () => {
  it('never changes what is confirmed: no row added, none corrected, none deleted', async ({ repo }) => {
    await repo.saveCandles({ rows: [candle(0), candle(2)], covered: minutes(0, 3), confirmedUntil: minute(3) })
    const saved = await repo.saveCandles({ rows: [candle(0, 90), candle(1), candle(3)], covered: minutes(0, 4) })
    expect(saved).toEqual({ inserted: 1, corrected: 0, deleted: 0, unchanged: 0, refused: 2 })
    expect(await repo.getCandles()).toEqual([candle(0), candle(2), candle(3)])
    expect(await repo.coverage()).toMatchObject({ covered: [minutes(0, 4)], confirmed: [minutes(0, 3)] })
  })

  it('corrects provisional candles but deletes none', async ({ repo }) => {
    await repo.saveCandles({ rows: candles(0, 3), covered: minutes(0, 3) })
    const saved = await repo.saveCandles({ rows: [candle(1, 90)], covered: minutes(0, 3) })
    expect(saved).toEqual({ inserted: 0, corrected: 1, deleted: 0, unchanged: 0, refused: 0 })
    expect(await repo.getCandles()).toEqual([candle(0), candle(1, 90), candle(2)])
  })
})

it('writes nothing when the same page comes again', async ({ repo, database }) => {
  const page = { rows: candles(-2, 2), covered: minutes(-2, 3), confirmedUntil: minute(1) }
  await repo.saveCandles(page)
  const versions = () => database.sql`
    select xmin::text, ctid::text from ohlcv.candles union all select xmin::text, ctid::text from ohlcv.coverage`
  const before = [...(await versions())]
  expect(await repo.saveCandles(page)).toEqual({ inserted: 0, corrected: 0, deleted: 0, unchanged: 4, refused: 0 })
  expect([...(await versions())]).toEqual(before)
})

it('tells a quiet minute from one nobody asked for', async ({ repo }) => {
  const quiet = { timestamp: minute(1), open: 100, high: 100, low: 100, close: 100, volume: 0 }
  const saved = await repo.saveCandles({ rows: [candle(0), quiet], covered: minutes(0, 3) })
  expect(saved.inserted).toBe(1)
  expect(await repo.getCandles()).toEqual([candle(0)])
  expect(await repo.gaps(minutes(0, 4))).toEqual([minutes(3, 4)])
})

it('gives every number back to the last bit', async ({ repo }) => {
  const random = randomOf(1)
  const bits = new DataView(new ArrayBuffer(8))
  const anyNumber = (): number => {
    for (const offset of [0, 4]) bits.setUint32(offset, random.int(2 ** 32))
    const number = bits.getFloat64(0)
    return Number.isFinite(number) ? number : anyNumber()
  }
  const numbers = [0.1 + 0.2, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1e21, 2 ** 53 + 2]
  numbers.push(...Array.from({ length: 2_000 }, anyNumber))
  const rows = numbers.map((price, index) => {
    return { timestamp: minute(index), open: price, high: price, low: price, close: price, volume: Math.abs(price) }
  })
  const page = { rows, covered: minutes(0, rows.length) }
  expect(await repo.saveCandles(page)).toMatchObject({ inserted: rows.length })
  expect(await repo.getCandles()).toEqual(rows)
  expect(await repo.saveCandles(page)).toMatchObject({ unchanged: rows.length })
})

it('keeps the sandbox apart from the exchange', async ({ repo, database, symbol }) => {
  const sandbox = new CandleRepository(database.db, 'kraken', symbol, '1m', { sandbox: true })
  await sandbox.saveCandles({ rows: [candle(0)], covered: minutes(0, 1) })
  expect(await repo.coverage()).toEqual({ covered: [], confirmed: [], built: [], unavailable: [] })
  expect(await repo.getCandles()).toEqual([])
})

it('stores a page of 200,000 candles in one call', { timeout: 120_000 }, async ({ repo }) => {
  const rows = candles(-150_000, 50_000)
  const page = { rows, covered: minutes(-150_000, 50_000), confirmedUntil: minute(40_000) }
  expect(await repo.saveCandles(page)).toEqual({
    inserted: 200_000,
    corrected: 0,
    deleted: 0,
    unchanged: 0,
    refused: 0,
  })
  const holey = rows
    .filter((_, index) => index % 1000 !== 0)
    .map((row, index) => (index % 999 ? row : { ...row, volume: 2 }))
  expect(await repo.saveCandles({ ...page, rows: holey })).toEqual({
    inserted: 0,
    corrected: 200,
    deleted: 190, // the 200 that are missing, less the 10 in the provisional part
    unchanged: 199_600,
    refused: 0,
  })
  expect(await repo.getCandles()).toHaveLength(199_810)
  expect((await repo.coverage()).covered).toEqual([page.covered])
})

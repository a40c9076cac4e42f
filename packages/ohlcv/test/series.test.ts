import { buildCandles, clipSpans, type EpochMs, type Series, type Span } from '@fullon/market'
import { Pool } from 'pg'
import { describe, expect } from 'vitest'
import { applyRetention, CandleRepository, deleteSeries, listSeries, openOhlcv, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { randomOf } from './random.js'
import { candles, minute, minutes, trade } from './rows.js'

/** How often everything meets deletions; hundreds were run. */
const ROUNDS = Number(process.env.DELETION_ROUNDS ?? 20)

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

describe('whatever meets a deletion succeeds, whole', () => {
  test.for(Array.from({ length: ROUNDS }, (_, round) => round))('round %i', async (round, { database, symbol }) => {
    const { db, sql } = database
    const random = randomOf(round)
    const [repo, trades] = [new CandleRepository(db, 'kraken', symbol, '1m'), new TradeRepository(db, 'kraken', symbol)]
    const rows = Array.from({ length: 3 }, (_, index) => trade(index + 0.5, 100 + index))
    const covered = minutes(0, 3)
    const calls: readonly (() => Promise<unknown>)[] = [
      () => deleteSeries(db, { exchange: 'kraken', symbol, timeframe: '1m' }),
      () => deleteSeries(db, { exchange: 'kraken', symbol }),
      () => repo.saveCandles({ rows: buildCandles(rows, '1m'), covered }),
      () => trades.saveTrades({ rows, covered }, { build: { timeframe: '1m' } }),
      () => trades.buildCandles(covered, { timeframe: '1m' }),
      () => repo.markUnavailable(minutes(-9, 0), 'too old'),
      () => applyRetention(db, { kind: 'candles', now: minute(62), keepMs: keepOnly(symbol) }),
    ]
    await Promise.all(Array.from({ length: 60 }, () => calls[random.int(calls.length)]!()))
    for (const table of ['candles', 'trades', 'unavailable', 'coverage'] as const) {
      const orphans = sql`select from ${sql(`ohlcv.${table}`)} where series_id not in (select series_id from ohlcv.series)`
      expect(await orphans).toEqual([])
    }
    const inside = (spans: readonly Span[]) =>
      rows.filter(({ timestamp }) => clipSpans(spans, at(timestamp)).length > 0)
    expect(await trades.getTradesInRange(covered)).toEqual(inside((await trades.coverage()).covered))
    expect(await repo.getCandles()).toEqual(buildCandles(inside((await repo.coverage()).covered), '1m'))
  })
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

test('what is listed of a series is of one moment: what vouches for it and what cannot be had', async ({
  database,
  symbol,
}) => {
  const pool = new Pool({ connectionString: database.url, max: 1 })
  const db = await openOhlcv({ pool })
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  await repo.saveCandles({ rows: [], covered: minutes(0, 3), unavailable: { ...minutes(-9, -3), reason: 'too old' } })
  await repo.markUnavailable(minutes(-5, 0), 'delisted')
  let asked = 0
  pool.on('acquire', () => asked++)
  const { unavailable, covered } = await repo.coverage()
  expect([asked, covered]).toEqual([1, [minutes(0, 3)]])
  expect(unavailable).toEqual([
    { ...minutes(-9, -3), reason: 'too old', at: expect.any(Number) },
    { ...minutes(-5, 0), reason: 'delisted', at: expect.any(Number) },
  ])
  expect((await listSeries(db)).find((one) => one.symbol === symbol)).toMatchObject({ unavailable, covered })
  await db.close()
  await pool.end()
})

test('making a symbol known says nothing about it', async ({ database: { db, sql }, symbol }) => {
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  await repo.initSymbol()
  await repo.initSymbol()
  expect(await sql`select from ohlcv.series where symbol = ${symbol}`).toHaveLength(1)
  expect(await repo.coverage()).toEqual({ covered: [], confirmed: [], built: [], unavailable: [] })
  expect(await repo.gaps(minutes(0, 1))).toEqual([minutes(0, 1)])
})

/** Of one symbol a minute, and the hour of grace. */
function keepOnly(symbol: string) {
  return (series: Series) => (series.symbol === symbol ? 60_000 : undefined)
}

function at(timestamp: EpochMs): Span {
  return { since: timestamp, until: timestamp + 1 }
}

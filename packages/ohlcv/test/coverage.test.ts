import { getTableColumns, getTableName } from 'drizzle-orm'
import { expect } from 'vitest'
import { CandleRepository, listSeries, TradeRepository } from '../src/index.js'
import * as tables from '../src/schema.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const it = test.extend('repo', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))

it('offers the newest gap first', async ({ repo }) => {
  await repo.saveCandles({ rows: [], covered: minutes(2, 4), confirmedUntil: minute(3) })
  await repo.saveCandles({ rows: [], covered: minutes(6, 8) })
  expect(await repo.gaps(minutes(0, 10))).toEqual([minutes(8, 10), minutes(4, 6), minutes(0, 2)])
  expect(await repo.gaps({ ...minutes(0, 10), strength: 'confirmed' })).toEqual([minutes(3, 10), minutes(0, 2)])
  expect(await repo.gaps(minutes(2, 4))).toEqual([])
  expect(await repo.gaps(minutes(5, 5))).toEqual([])
})

it('never asks for a part of a candle', async ({ repo }) => {
  await repo.markUnavailable(minutes(0, 2.5), 'older than 720 candles')
  expect(await repo.gaps(minutes(0.5, 5.9))).toEqual([minutes(3, 5)])
})

it('asks again for what was unavailable once that is cleared, and keeps the reason until then', async ({ repo }) => {
  await repo.markUnavailable(minutes(0, 2), 'too old')
  expect(await repo.gaps(minutes(0, 3))).toEqual([minutes(2, 3)])
  expect((await repo.coverage()).unavailable).toMatchObject([{ ...minutes(0, 2), reason: 'too old' }])
  await repo.clearUnavailable()
  expect(await repo.gaps(minutes(0, 3))).toEqual([minutes(0, 3)])
})

it('keeps one mark of a limit that moves, and separate ones of separate reasons', async ({ repo, database }) => {
  for (let index = 0; index < 5; index++) {
    await repo.saveCandles({ rows: [], unavailable: { ...minutes(index, index + 10), reason: 'too old' } })
  }
  await repo.markUnavailable(minutes(12, 20), 'delisted')
  const before = [...(await database.sql`select xmin::text from ohlcv.unavailable`)]
  await repo.markUnavailable(minutes(3, 6), 'too old')
  expect([...(await database.sql`select xmin::text from ohlcv.unavailable`)]).toEqual(before)
  const { unavailable } = await repo.coverage()
  expect(unavailable).toMatchObject([
    { ...minutes(0, 14), reason: 'too old' },
    { ...minutes(12, 20), reason: 'delisted' },
  ])
  expect(unavailable.every(({ at }) => Number.isInteger(at))).toBe(true)
})

it('reads ranges in order across weeks', async ({ repo }) => {
  const rows = candles(-15_000, 15_000).filter((_, index) => index % 500 === 0)
  await repo.saveCandles({ rows, covered: minutes(-15_000, 15_000) })
  expect(await repo.getCandles()).toEqual(rows)
  expect(await repo.getCandles({ limit: 3 })).toEqual(rows.slice(-3))
  expect(await repo.getCandles({ since: minute(-500), limit: 3 })).toEqual(rows.slice(29, 32))
  expect(await repo.getCandles({ until: minute(0), limit: 2 })).toEqual(rows.slice(28, 30))
  expect(await repo.getCandles({ since: minute(0), until: minute(501) })).toEqual(rows.slice(30, 32))
  expect(await repo.getCandles({ since: minute(20_000) })).toEqual([])
  expect(await repo.getOldestTimestamp()).toBe(rows[0]!.timestamp)
  expect(await repo.getLatestTimestamp()).toBe(rows.at(-1)!.timestamp)
})

it('knows no row of a series that was never saved, and does not make it', async ({ repo, database, symbol }) => {
  expect(await repo.getLatestTimestamp()).toBeUndefined()
  expect(await repo.gaps(minutes(0, 1))).toEqual([minutes(0, 1)])
  await repo.clearUnavailable()
  expect(await database.sql`select from ohlcv.series where symbol = ${symbol}`).toHaveLength(0)
})

it('lists every series with what vouches for it', async ({ repo, database, symbol }) => {
  await repo.saveCandles({ rows: [candle(0)], covered: minutes(0, 3), confirmedUntil: minute(2) })
  await new TradeRepository(database.db, 'kraken', symbol, { sandbox: true }).saveTrades({
    rows: [trade(0)],
    covered: minutes(0, 1),
    unavailable: { ...minutes(-5, -1), reason: 'not kept' },
  })
  const listed = (await listSeries(database.db)).filter((series) => series.symbol === symbol)
  expect(listed).toEqual([
    {
      exchange: 'kraken',
      symbol,
      sandbox: false,
      timeframe: '1m',
      covered: [minutes(0, 3)],
      confirmed: [minutes(0, 2)],
      built: [],
      unavailable: [],
    },
    {
      exchange: 'kraken',
      symbol,
      sandbox: true,
      covered: [minutes(0, 1)],
      confirmed: [],
      built: [],
      unavailable: [{ ...minutes(-5, -1), reason: 'not kept', at: expect.any(Number) }],
    },
  ])
})

test.for(Object.values(tables))('drizzle and the migrations agree', async (table, { database }) => {
  const stored = await database.sql`
    select column_name as name, udt_name as type from information_schema.columns
    where table_schema = 'ohlcv' and table_name = ${getTableName(table)} order by column_name`
  const short = { integer: 'int4', boolean: 'bool', 'double precision': 'float8' } as Record<string, string>
  const declared = Object.values(getTableColumns(table))
    .map((column) => ({ name: column.name, type: short[column.getSQLType()] ?? column.getSQLType() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  expect([...stored]).toEqual(declared)
})

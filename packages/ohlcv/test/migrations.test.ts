import { createHash } from 'node:crypto'
import { openScratchDatabase } from '@fullon/embedded'
import postgres from 'postgres'
import { describe, expect } from 'vitest'
import { CandleRepository, openOhlcv } from '../src/index.js'
import { MIGRATIONS } from '../src/migrations/migrate.js'
import { test as base } from './fixtures.js'
import { candle, minute, minutes } from './rows.js'

/** Of every migration that was ever committed. */
const PUBLISHED: Readonly<Record<string, string>> = {
  '0001_series_and_coverage': '1c4d8a97bef175c4fe69c6dd7306a717ea673d09aa8ee9ff9b6056e0929b8856',
}

const test = base.extend('empty', async ({ database: _ }, { onCleanup }) => {
  const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const sql = postgres(scratch.url, { max: 2, onnotice: () => {} })
  onCleanup(async () => {
    await sql.end()
    await scratch.close()
  })
  return { url: scratch.url, sql }
})

test('a published migration is never changed: databases that have it would differ from new ones', () => {
  const hashes = MIGRATIONS.map(({ name, statements }) => [name, createHash('sha256').update(statements).digest('hex')])
  expect(Object.fromEntries(hashes)).toEqual(PUBLISHED)
})

describe.for(Array.from({ length: MIGRATIONS.length + 1 }, (_, version) => version))('from version %i', (version) => {
  test('two that open at once bring the database up to date and lose no row', async ({ empty: { url, sql } }) => {
    await migrateBy(sql, version)
    if (version > 0) await saveByHand(sql)
    const opened = await Promise.all([openOhlcv({ url }), openOhlcv({ url })])
    const applied = await sql`select name from ohlcv.migrations order by name`
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name))
    const repo = new CandleRepository(opened[0], 'kraken', 'BTC/USD', '1m')
    expect(await repo.getCandles()).toEqual(version > 0 ? [candle(0)] : [])
    expect((await repo.coverage()).covered).toEqual(version > 0 ? [minutes(0, 1)] : [])
    expect(await repo.saveCandles({ rows: [candle(1)], covered: minutes(0, 2) })).toMatchObject({ inserted: 1 })
    for (const db of opened) await db.close()
  })
})

test('a migration that fails leaves nothing of itself', async ({ empty: { url, sql } }) => {
  await sql.unsafe('create schema ohlcv; create table ohlcv.trades (is_in_the_way int)')
  await expect(openOhlcv({ url })).rejects.toMatchObject({ name: 'OhlcvError' })
  const tables = await sql`select tablename from pg_tables where schemaname = 'ohlcv'`
  expect(tables.map(({ tablename }) => tablename)).toEqual(['trades'])
  await sql`drop table ohlcv.trades`
  await (await openOhlcv({ url })).close()
})

/** As the package of that version left a database. */
async function migrateBy(sql: postgres.Sql, version: number): Promise<void> {
  if (version === 0) return
  await sql.unsafe(`create schema ohlcv;
    create table ohlcv.migrations (name text primary key, applied_at timestamptz not null default now())`)
  for (const { name, statements } of MIGRATIONS.slice(0, version)) {
    await sql.unsafe(statements)
    await sql`insert into ohlcv.migrations (name) values (${name})`
  }
}

/** What the first version saved, in its words. */
async function saveByHand(sql: postgres.Sql): Promise<void> {
  const since = new Date(minute(0)).toISOString()
  await sql.unsafe(`
    create table ohlcv.candles_2024_01_08 (like ohlcv.candles including all);
    alter table ohlcv.candles attach partition ohlcv.candles_2024_01_08
      for values from ('2024-01-08T00:00:00.000Z') to ('2024-01-15T00:00:00.000Z');
    insert into ohlcv.series (exchange, symbol, timeframe) values ('kraken', 'BTC/USD', '1m');
    insert into ohlcv.coverage (series_id, covered)
      select series_id, tstzmultirange(tstzrange('${since}', '${new Date(minute(1)).toISOString()}')) from ohlcv.series;
    insert into ohlcv.candles select series_id, '${since}', 100, 100, 100, 100, 1 from ohlcv.series`)
}

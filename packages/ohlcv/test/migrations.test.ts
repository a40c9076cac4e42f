import { createHash } from 'node:crypto'
import { openScratchDatabase } from '@fullon/embedded'
import postgres from 'postgres'
import { describe, expect } from 'vitest'
import { CandleRepository, type OhlcvDatabase, openOhlcv, TradeRepository } from '../src/index.js'
import { MIGRATIONS } from '../src/migrations/migrate.js'
import { test as base } from './fixtures.js'
import { candle, minute, minutes, trade } from './rows.js'

/** Of every migration that was ever committed: a version is so many of them. */
const PUBLISHED: Readonly<Record<string, string>> = {
  '0001_series_and_coverage': '1c4d8a97bef175c4fe69c6dd7306a717ea673d09aa8ee9ff9b6056e0929b8856',
  '0002_seals': 'c506ddba19564e87609ccc1f82f7b2f7c21ac39220389cbe02156a6aea441c34',
  '0003_coverage_fillfactor': '9b7607f84efcb4075fb901c3d36e1cb38f5ae7b423801c37c9f618e64f9ea3f0',
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
  test('two that open at once bring the database up to date and lose nothing', async ({ empty: { url, sql } }) => {
    await migrateBy(sql, version)
    if (version > 0) await saveByHand(sql)
    const opened = await Promise.all([openOhlcv({ url }), openOhlcv({ url })])
    const applied = await sql`select name from ohlcv.migrations order by name`
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name))
    const [repo, trades] = repositoriesOf(opened[0])
    expect(await readAll(repo, trades)).toEqual(version > 0 ? SAVED : NOTHING)
    expect(await repo.saveCandles({ rows: [candle(1), candle(2)], covered: minutes(0, 3) })).toMatchObject({
      inserted: version > 0 ? 1 : 2,
      refused: 0,
    })
    const late = { rows: [trade(1.5), trade(2.5)], covered: minutes(1, 3) }
    expect(await trades.saveTrades(late, { build: { timeframe: '5m' } })).toMatchObject({
      inserted: version > 0 ? 1 : 2,
    })
    for (const db of opened) await db.close()
  })
})

const SAVED = {
  candles: [candle(0), candle(1)],
  trades: [trade(0.5), trade(1.5)],
  coverage: {
    covered: [minutes(0, 2)],
    confirmed: [minutes(0, 1)],
    built: [minutes(1, 2)],
    unavailable: [{ ...minutes(-9, 0), reason: 'too old', at: minute(9) }],
  },
  covered: [minutes(0, 2)],
}

const NOTHING: typeof SAVED = {
  candles: [],
  trades: [],
  coverage: { covered: [], confirmed: [], built: [], unavailable: [] },
  covered: [],
}

function repositoriesOf(db: OhlcvDatabase) {
  return [new CandleRepository(db, 'kraken', 'BTC/USD', '1m'), new TradeRepository(db, 'kraken', 'BTC/USD')] as const
}

async function readAll(repo: CandleRepository, trades: TradeRepository): Promise<typeof SAVED> {
  return {
    candles: await repo.getCandles(),
    trades: await trades.getRecentTrades(10),
    coverage: await repo.coverage(),
    covered: (await trades.coverage()).covered,
  }
}

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

/** {@link SAVED} in the words of the first version, which every later one understood. */
async function saveByHand(sql: postgres.Sql): Promise<void> {
  const [zero, half, one, later, two] = [0, 0.5, 1, 1.5, 2].map((at) => new Date(minute(at)).toISOString())
  const week = "for values from ('2024-01-08T00:00:00.000Z') to ('2024-01-15T00:00:00.000Z')"
  await sql.unsafe(`
    create table ohlcv.candles_2024_01_08 (like ohlcv.candles including all);
    alter table ohlcv.candles attach partition ohlcv.candles_2024_01_08 ${week};
    create table ohlcv.trades_2024_01_08 (like ohlcv.trades including all);
    alter table ohlcv.trades attach partition ohlcv.trades_2024_01_08 ${week};
    insert into ohlcv.series (exchange, symbol, timeframe) values ('kraken', 'BTC/USD', '1m'), ('kraken', 'BTC/USD', null);
    insert into ohlcv.coverage (series_id, covered, confirmed, built)
      values (1, '{[${zero},${two})}', '{[${zero},${one})}', '{[${one},${two})}'), (2, '{[${zero},${two})}', '{}', '{}');
    insert into ohlcv.unavailable (series_id, span, reason, noted_at)
      values (1, '[${new Date(minute(-9)).toISOString()},${zero})', 'too old', '${new Date(minute(9)).toISOString()}');
    insert into ohlcv.candles values (1, '${zero}', 100, 100, 100, 100, 1), (1, '${one}', 100, 100, 100, 100, 1);
    insert into ohlcv.trades values (2, '${half}', '500', 'buy', 100, 0.5), (2, '${later}', '1500', 'buy', 100, 0.5)`)
}

import { randomUUID } from 'node:crypto'
import { openScratchDatabase } from '@fullon/embedded'
import { buildCandles } from '@fullon/market'
import { describe, expect, onTestFinished } from 'vitest'
import { CandleRepository, OhlcvError, openOhlcv, TradeRepository } from '../src/index.js'
import { type TestDatabase, test } from './fixtures.js'
import { candles, minute, minutes, trade } from './rows.js'

const page = { rows: candles(0, 3), covered: minutes(0, 3), confirmedUntil: minute(3) }

describe('a save that fails late leaves nothing behind', () => {
  test('neither rows nor coverage nor series of candles', async ({ database, symbol }) => {
    const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
    await failOn(database, 'update', 'coverage', 'XX000', async () => {
      await expect(repo.saveCandles(page)).rejects.toThrow(OhlcvError)
    })
    expect(await database.sql`select from ohlcv.series where symbol = ${symbol}`).toHaveLength(0)
    expect(await database.sql`select from ohlcv.candles`).toHaveLength(0)
    expect(await repo.saveCandles(page)).toMatchObject({ inserted: 3 })
  })

  test('no trades when their candles cannot be built', async ({ database, symbol }) => {
    const repo = new TradeRepository(database.db, 'kraken', symbol)
    const save = () => repo.saveTrades({ rows: [trade(0)], covered: minutes(0, 1) }, { build: { timeframe: '1m' } })
    await failOn(database, 'insert', 'candles', 'XX000', async () => {
      await expect(save()).rejects.toMatchObject({ code: 'UNKNOWN' })
    })
    expect(await repo.coverage()).toMatchObject({ covered: [] })
    expect(await save()).toMatchObject({ inserted: 1, built: 1 })
  })

  test('nothing when the connection is cut in the middle', async ({ database, symbol }) => {
    const trades = new TradeRepository(database.db, 'kraken', symbol)
    const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
    await repo.saveCandles({ rows: [], covered: minutes(9, 10) })
    const save = () => trades.saveTrades({ rows: [trade(0)], covered: minutes(0, 1) }, { build: { timeframe: '1m' } })
    let saving: Promise<unknown> | undefined
    await database.sql.begin(async (sql) => {
      await sql`select from ohlcv.coverage for update`
      saving = save().catch((error) => error)
      // The trades are written by then, and the save waits for the row of the candles that is locked here.
      await expect.poll(() => terminateWaiting(database), { timeout: 10_000 }).toBe(1)
    })
    expect(await saving).toMatchObject({ code: 'UNAVAILABLE', transient: true })
    expect(await trades.coverage()).toMatchObject({ covered: [] })
    expect(
      await database.sql`select from ohlcv.trades join ohlcv.series using (series_id) where symbol = ${symbol}`,
    ).toHaveLength(0)
    expect(await save()).toMatchObject({ inserted: 1, built: 1 })
  })
})

test('loses nothing when connections are cut again and again', async ({ database, symbol }) => {
  const trades = new TradeRepository(database.db, 'kraken', symbol)
  const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
  const rows = Array.from({ length: 40 }, (_, index) => trade(index + 0.5, 100 + index))
  const saving = Promise.all(
    rows.map(async (row, index) => {
      const page = { rows: [row], covered: minutes(index, index + 1) }
      await untilDone(() => trades.saveTrades(page, { build: { timeframe: '1m' } }))
      await untilDone(() => trades.saveTrades({ ...page, confirmedUntil: minute(index + 1) }))
      await untilDone(() => repo.gaps(minutes(0, 40)))
    }),
  )
  expect(await cutConnectionsUntil(saving, database)).toBeGreaterThan(0)
  expect(await untilDone(() => trades.getTradesInRange(minutes(0, 40)))).toEqual(rows)
  expect(await untilDone(() => repo.getCandles())).toEqual(buildCandles(rows, '1m'))
  expect(await untilDone(() => trades.coverage())).toMatchObject({ confirmed: [minutes(0, 40)] })
})

describe('says what it is when', () => {
  test.for([
    ['the disk is full', '53100', 'DISK_FULL', false],
    ['the server is shutting down', '57P01', 'UNAVAILABLE', true],
    ['two transactions deadlock', '40P01', 'CONFLICT', true],
    ['a statement is cancelled', '57014', 'UNAVAILABLE', true],
    ['a transaction waited too long', '25P03', 'UNAVAILABLE', true],
    ['a transaction took too long', '25P04', 'UNAVAILABLE', true],
    ['a file could not be read', '58030', 'UNAVAILABLE', true],
  ] as const)('%s', async ([, sqlstate, code, transient], { database, symbol }) => {
    const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
    await failOn(database, 'insert', 'candles', sqlstate, async () => {
      const failed = await repo.saveCandles(page).catch((error) => error)
      expect(failed).toMatchObject({ name: 'OhlcvError', code, transient, cause: { code: sqlstate } })
    })
  })

  test('a role may only read', async ({ database, symbol }) => {
    await new CandleRepository(database.db, 'kraken', symbol, '1m').saveCandles(page)
    const role = `reader_${randomUUID().slice(0, 8)}`
    await database.sql.unsafe(`create role ${role}; grant usage on schema ohlcv to ${role};
      grant select on all tables in schema ohlcv to ${role}`)
    onTestFinished(() => database.sql.unsafe(`drop owned by ${role}; drop role ${role}`).then(() => {}))
    const url = new URL(database.url)
    url.searchParams.set('options', `-c role=${role}`)
    await using db = await openOhlcv({ url: url.href })
    const repo = new CandleRepository(db, 'kraken', symbol, '1m')
    expect(await repo.getCandles()).toEqual(page.rows)
    await expect(repo.saveCandles(page)).rejects.toMatchObject({ code: 'FORBIDDEN', transient: false })
  })

  test('a role may not make the tables, or not even log in', async ({ database }) => {
    await using empty = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    const role = `stranger_${randomUUID().slice(0, 8)}`
    await database.sql.unsafe(`create role ${role} nologin`)
    onTestFinished(() => database.sql.unsafe(`drop role ${role}`).then(() => {}))
    const forbidden = { name: 'OhlcvError', code: 'FORBIDDEN', transient: false }
    const url = new URL(empty.url)
    url.searchParams.set('options', `-c role=${role}`)
    await expect(openOhlcv({ url: url.href })).rejects.toMatchObject({ ...forbidden, cause: { code: '42501' } })
    const login = new URL(empty.url)
    login.username = role
    await expect(openOhlcv({ url: login.href })).rejects.toMatchObject(forbidden)
  })

  test('the server is set read-only', async ({ database, symbol }) => {
    const url = new URL(database.url)
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    await using db = await openOhlcv({ url: url.href })
    const repo = new CandleRepository(db, 'kraken', symbol, '1m')
    expect(await repo.getCandles()).toEqual([])
    await expect(repo.saveCandles(page)).rejects.toMatchObject({ code: 'READ_ONLY' })
  })

  test('there is no server, no such database, or it was closed', async ({ database, symbol }) => {
    await expect(openOhlcv({ url: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    const missing = new URL(database.url)
    missing.pathname = 'no_such_database'
    await expect(openOhlcv({ url: missing.href })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const db = await openOhlcv({ url: database.url })
    await db.close()
    await db.close()
    const repo = new CandleRepository(db, 'kraken', symbol, '1m')
    await expect(repo.getCandles()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(repo.coverage()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('a partition was dropped by another process, and the next call makes it', async ({ database, symbol }) => {
    const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
    const late = { rows: candles(700_000, 700_001), covered: minutes(700_000, 700_001) }
    await repo.saveCandles(late)
    const [row] =
      await database.sql`select tableoid::regclass as name from ohlcv.candles order by timestamp desc limit 1`
    await database.sql.unsafe(`drop table ${row?.name}`)
    await expect(repo.saveCandles(late)).rejects.toMatchObject({ code: 'CONFLICT', transient: true })
    expect(await repo.saveCandles(late)).toMatchObject({ inserted: 1 })
  })
})

/** A server on which one kind of write fails, as a full disk or a crash would make it. */
async function failOn({ sql }: TestDatabase, event: string, table: string, sqlstate: string, run: () => Promise<void>) {
  await sql.unsafe(`
    create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'made to fail' using errcode = '${sqlstate}'; end $$;
    create trigger fail after ${event} on ohlcv.${table} for each row execute function fail()`)
  await run()
  await sql.unsafe('drop function fail() cascade')
}

async function terminateWaiting({ sql }: TestDatabase): Promise<number> {
  const rows = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'fullon-ohlcv' and wait_event_type = 'Lock'`
  return rows.length
}

/** As a caller does: what is transient is tried again. */
async function untilDone<Result>(run: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof OhlcvError && error.transient)) throw error
    }
  }
}

/** @returns how many were cut. */
async function cutConnectionsUntil(done: Promise<unknown>, { sql }: TestDatabase): Promise<number> {
  let isDone = false
  const ended = done.finally(() => {
    isDone = true
  })
  let cuts = 0
  while (!isDone) {
    const [row] = await sql`
      select count(pg_terminate_backend(pid))::int as count, pg_sleep(0.01) from pg_stat_activity
      where datname = current_database() and application_name = 'fullon-ohlcv' and random() < 0.2`
    cuts += row?.count ?? 0
  }
  await ended
  return cuts
}

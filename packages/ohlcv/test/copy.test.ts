import { expect, onTestFinished } from 'vitest'
import { Connections } from '../src/connections.js'
import { CandleRepository, openOhlcv, TradeRepository } from '../src/index.js'
import { STORABLE } from '../src/sql/literals.js'
import { type Sql, sql } from '../src/sql/sql.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes, trade } from './rows.js'
import { openSilentProxy } from './silent-proxy.js'

const TIMEOUT_MS = 60_000

test('rows that are there although nothing vouches for them are merged', async ({ database, symbol }) => {
  const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
  const page = { rows: candles(0, 20_000), covered: minutes(0, 20_000), confirmedUntil: minute(20_000) }
  await repo.saveCandles({ ...page, rows: [candle(7), candle(8, 90), candle(9_000), ...candles(19_990, 20_000)] })
  await database.sql`
    update ohlcv.coverage set covered = '{}', confirmed = '{}'
    where series_id = (select series_id from ohlcv.series where symbol = ${symbol})`
  const counts = { inserted: 19_987, corrected: 1, deleted: 0, unchanged: 12, refused: 0 }
  expect(await repo.saveCandles(page)).toEqual(counts)
  expect(await repo.getCandles()).toEqual(page.rows)
})

test('keeps every time, number and id as it was given', async ({ database, symbol }) => {
  const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
  const trades = new TradeRepository(database.db, 'kraken', symbol)
  const times = [0, 60_000, Date.UTC(1999, 11, 31, 23, 59), Date.UTC(2000), 2 ** 42, STORABLE.until - 3_600_000]
  const numbers = [Number.MIN_VALUE, 5e-324, 0.1 + 0.2, 1e300, Number.MAX_SAFE_INTEGER, 123.456]
  const ids = ['1', 'ä€𝄞', `"quoted", \\ and {braced}`, 'null', 'x'.repeat(100_000), '\t\n']
  for (const [index, time] of times.entries()) {
    const timestamp = Math.floor(time / 60_000) * 60_000
    const value = numbers[index] ?? 1
    const row = { timestamp, open: value, high: value, low: -value, close: -value, volume: value }
    const covered = { since: timestamp, until: timestamp + 60_000 }
    const print = {
      timestamp: timestamp + 59_999,
      id: ids[index] ?? '',
      side: 'sell',
      price: value,
      amount: value,
    } as const
    for (const repeat of [true, false]) {
      const expected = repeat ? { inserted: 1, unchanged: 0 } : { inserted: 0, unchanged: 1 }
      expect(await repo.saveCandles({ rows: [row], covered })).toMatchObject(expected)
      expect(await trades.saveTrades({ rows: [print], covered })).toMatchObject(expected)
    }
    expect(await repo.getCandles({ since: timestamp })).toEqual([row])
    expect(await trades.getTradesInRange({ since: timestamp, until: covered.until })).toEqual([print])
  }
})

test('a connection that is cut in the middle of a page leaves nothing of it', async ({ database, symbol }) => {
  await using db = await openOhlcv({ url: database.url, maxConnections: 1 })
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  await repo.saveCandles({ rows: [candle(-1)], covered: minutes(-1, 0) })
  const saving = repo.saveCandles({ rows: candles(0, 300_000), covered: minutes(0, 300_000) })
  const failed = expect(saving).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  const cut = () => database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and state = 'active' and query like '%copy ohlcv.candles%' and pid <> pg_backend_pid()`
  await expect.poll(async () => (await cut()).length, { interval: 1, timeout: 20_000 }).toBe(1)
  await failed
  expect(await repo.getCandles()).toEqual([candle(-1)])
  expect((await repo.coverage()).covered).toEqual([minutes(-1, 0)])
  expect(await repo.saveCandles({ rows: candles(0, 10), covered: minutes(0, 10) })).toMatchObject({ inserted: 10 })
})

test('a server that refuses a row in the middle of a page refuses the page', async ({ database, symbol }) => {
  const trades = new TradeRepository(database.db, 'kraken', symbol)
  const rows = Array.from({ length: 50_000 }, (_, index) => trade(index / 1000))
  await database.sql.unsafe(`alter table ohlcv.trades add constraint refused check (trade_id <> '30000') not valid`)
  onTestFinished(async () => void (await database.sql`alter table ohlcv.trades drop constraint if exists refused`))
  await expect(trades.saveTrades({ rows, covered: minutes(0, 50) })).rejects.toMatchObject({ name: 'OhlcvError' })
  await database.sql`alter table ohlcv.trades drop constraint refused`
  expect(await trades.getRecentTrades(1)).toEqual([])
  expect(await trades.saveTrades({ rows, covered: minutes(0, 50) })).toMatchObject({ inserted: 50_000 })
})

test('a page is sent no faster than the server takes it, so a million rows need no memory but their own', async ({
  database,
}) => {
  await database.sql.unsafe(`
    create table slow (value text);
    create function wait() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock_shared(7); return new; end';
    create trigger wait before insert on slow for each row execute function wait()`)
  let made = 0
  const chunks = (function* () {
    for (; made < 1000; made++) yield Buffer.from(`${'x'.repeat(100_000)}\n`)
  })()
  const connections = new Connections({ url: database.url, maxConnections: 1 }, TIMEOUT_MS)
  let copying: Promise<void> | undefined
  await database.sql.begin(async (other) => {
    await other`select pg_advisory_xact_lock(7)`
    copying = connections.use((connection) => connection.copy('copy slow from stdin', chunks))
    const waiting = () => other`select from pg_locks where locktype = 'advisory' and objid = 7 and not granted`
    await expect.poll(async () => (await waiting()).length, { timeout: 20_000 }).toBe(1)
    let before = -1
    const isSteady = () => {
      const last = before
      before = made
      return made === last
    }
    await expect.poll(isSteady, { interval: 300, timeout: 20_000 }).toBe(true)
    expect(made).toBeLessThan(100) // 10 MB: what the sockets hold
  })
  await copying
  expect(await database.sql`select count(*)::int from slow`).toEqual([{ count: 1000 }])
  await connections.close()
})

test('a server that falls silent during a page is given up', async ({ database, symbol }) => {
  const proxy = await openSilentProxy(database.url)
  const connections = new Connections({ url: proxy.url, maxConnections: 1 }, 400)
  const chunks = (function* () {
    for (let chunk = 0; chunk < 100; chunk++) {
      if (chunk === 3) proxy.silence(true)
      yield Buffer.alloc(500_000)
    }
  })()
  const copying = connections.transaction((connection) => connection.copy('copy ohlcv.candles from stdin', chunks))
  await expect(copying).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  proxy.silence(false)
  const again = () => connections.use((connection) => connection.query(sql`select ${symbol} as symbol`))
  await expect.poll(() => again().catch(() => []), { timeout: 20_000 }).toEqual([{ symbol }])
  await connections.close()
})

test('a read that the server refuses or cuts fails, and the next one is right', async ({ database, symbol }) => {
  const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
  await repo.saveCandles({ rows: candles(0, 10), covered: minutes(0, 10) })
  const connections = new Connections({ url: database.url, maxConnections: 1 }, TIMEOUT_MS)
  const read = (statement: Sql) =>
    connections.use((connection) => connection.read(statement, (reader) => reader.float8()))
  const values = sql`select value::float8 / (60000 - value) from generate_series(1, 100000) as value`
  await expect(read(values)).rejects.toMatchObject({ code: 'INVALID' })
  expect(await read(sql`select ${1}::float8`)).toEqual([1])
  const cut = read(sql`select pg_terminate_backend(pg_backend_pid())::int::float8 from generate_series(1, 9)`)
  await expect(cut).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  await expect.poll(() => read(sql`select ${2}::float8`).catch(() => []), { timeout: 20_000 }).toEqual([2])
  await connections.close()
})

test('a server that falls silent during a read is given up', async ({ database }) => {
  const proxy = await openSilentProxy(database.url)
  const connections = new Connections({ url: proxy.url, maxConnections: 1 }, 400)
  const reading = connections.use(async (connection) => {
    await connection.query('set statement_timeout = 0')
    proxy.silence(true)
    return connection.read(sql`select 1::float8`, (reader) => reader.float8())
  })
  await expect(reading).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  proxy.silence(false)
  await connections.close()
})

import { createHash } from 'node:crypto'
import { Pool } from 'pg'
import { expect } from 'vitest'
import { Connections } from '../src/connections.js'
import { CandleRepository, openOhlcv } from '../src/index.js'
import type { Queryable } from '../src/sql/queryable.js'
import { sql } from '../src/sql/sql.js'
import { test } from './fixtures.js'
import { candles, minutes } from './rows.js'
import { openSilentProxy } from './silent-proxy.js'

const TIMEOUT_MS = 60_000
const page = { rows: candles(0, 3), covered: minutes(0, 3) }

test('a transaction whose connection was lost does not go on outside of it', async ({ database }) => {
  await database.sql`create table outside (value int)`
  const connections = new Connections({ url: database.url, maxConnections: 2 }, TIMEOUT_MS)
  const lost = connections.transaction(async (connection) => {
    await database.sql`select pg_terminate_backend(${await pidOf(connection)})`
    await expect(untilRefused(connection)).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
    await connection.query('insert into outside values (1)')
  })
  await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(await database.sql`select from outside`).toHaveLength(0)
  expect(await connections.use((connection) => connection.query(sql`select 1 as one`))).toEqual([{ one: 1 }])
  await connections.close()
})

test('in a transaction each statement sees what was committed before it, whatever the default is', async ({
  database,
}) => {
  const url = new URL(database.url)
  url.searchParams.set('options', String.raw`-c default_transaction_isolation=repeatable\ read`)
  const connections = new Connections({ url: url.href, maxConnections: 1 }, TIMEOUT_MS)
  const show = sql`select current_setting('transaction_isolation') as isolation`
  expect(await connections.use((connection) => connection.query(show))).toEqual([{ isolation: 'repeatable read' }])
  expect(await connections.transaction((connection) => connection.query(show))).toEqual([
    { isolation: 'read committed' },
  ])
  await connections.close()
})

test('a prepared statement has a name that tells its text, for another process to know', async ({ database }) => {
  const connections = new Connections({ url: database.url, maxConnections: 1 }, TIMEOUT_MS)
  const prepared = await connections.use(async (connection) => {
    await connection.query(sql`select ${1}::int as one`)
    return connection.query<{ name: string; statement: string }>(
      sql`select name, statement from pg_prepared_statements`,
    )
  })
  expect(prepared).toHaveLength(2)
  for (const { name, statement } of prepared) {
    expect(name).toBe(`ohlcv_${createHash('sha256').update(statement).digest('base64url')}`)
  }
  await connections.close()
})

test('an idle connection that was lost is replaced', async ({ database }) => {
  const connections = new Connections({ url: database.url, maxConnections: 1 }, TIMEOUT_MS)
  const first = await connections.use(pidOf)
  await database.sql`select pg_terminate_backend(${first})`
  await expect.poll(() => connections.use(pidOf).catch(() => first), { timeout: 20_000 }).not.toBe(first)
  await connections.close()
})

test('more callers than connections wait for their turn, and closing lets what runs end', async ({ database }) => {
  const connections = new Connections({ url: database.url, maxConnections: 2 }, TIMEOUT_MS)
  const calls = Array.from({ length: 20 }, (_, index) =>
    connections.use((connection) => connection.query(sql`select ${index}::int as index`)),
  )
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, index) => [{ index }]))
  const running = Array.from({ length: 2 }, () =>
    connections.use(async (connection) => (await connection.query(sql`select pg_sleep(0.05)`)).length),
  )
  const waiting = connections.use(async () => 1)
  await Promise.all([
    expect(waiting).rejects.toMatchObject({ code: 'CLOSED' }),
    connections.close(),
    connections.close(),
  ])
  expect(await Promise.all(running)).toEqual([1, 1])
  await expect(connections.use(async () => 1)).rejects.toMatchObject({ code: 'CLOSED' })
})

test('what runs beside a snapshot sees the same, on another connection where one is free', async ({ database }) => {
  await database.sql`create table counted (value int)`
  const connections = new Connections({ url: database.url, maxConnections: 2 }, TIMEOUT_MS)
  const look = (other: Queryable) =>
    other.query(sql`select count(*)::int as count, pg_backend_pid() as pid from counted`)
  const seen = () =>
    connections.snapshot(async (connection, beside) => {
      const [own] = await look(connection)
      await database.sql`insert into counted values (1)`
      const [other] = await beside(look)
      expect(other?.count).toBe(own?.count)
      return other?.pid === own?.pid
    })
  expect(await seen()).toBe(false)
  expect((await Promise.all([seen(), seen()])).includes(true)).toBe(true)
  expect((await connections.use(look))[0]).toMatchObject({ count: 3 })
  await connections.close()
})

test('a statement that takes too long is given up, and nothing of its save is stored', async ({ database, symbol }) => {
  await using db = await openOhlcv({ url: database.url, statementTimeoutMs: 300 })
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  await repo.saveCandles({ rows: [], covered: minutes(5, 6) })
  await database.sql.begin(async (other) => {
    await other`select from ohlcv.coverage for update`
    await expect(repo.saveCandles(page)).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  })
  expect(await repo.getCandles()).toEqual([])
  expect(await repo.saveCandles(page)).toMatchObject({ inserted: 3 })
})

test('a server that is gone without a word does not hang a save for ever', async ({ database, symbol }) => {
  const proxy = await openSilentProxy(database.url)
  await using db = await openOhlcv({ url: proxy.url, statementTimeoutMs: 500 })
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  await repo.saveCandles(page)
  proxy.silence(true)
  await expect(repo.saveCandles(page)).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  proxy.silence(false)
  expect(await repo.saveCandles(page)).toMatchObject({ unchanged: 3 })
})

test("a pool of the caller's is used and left open", async ({ database, symbol }) => {
  const pool = new Pool({ connectionString: database.url, max: 2 })
  const db = await openOhlcv({ pool })
  await new CandleRepository(db, 'kraken', symbol, '1m').saveCandles(page)
  await db.close()
  const { rows } = await pool.query('select count(*)::int from ohlcv.series where symbol = $1', [symbol])
  expect(rows).toEqual([{ count: 1 }])
  await pool.end()
})

test('a pool whose dates cannot be read is refused before anything is misread', async ({ database }) => {
  const pool = new Pool({ connectionString: database.url, options: '-c DateStyle=German' })
  await expect(openOhlcv({ pool })).rejects.toMatchObject({ code: 'INVALID' })
  await pool.end()
})

test('an url that is none is refused without showing its password', async () => {
  const refused = await openOhlcv({ url: 'mysql://me:secret@host/db' }).catch((error) => error)
  expect(refused).toBeInstanceOf(TypeError)
  expect(refused.message).toMatch(/expected postgres:/)
  expect(refused.message).not.toMatch(/secret/)
})

async function pidOf(connection: Queryable): Promise<number> {
  const [row] = await connection.query<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  return row!.pid
}

async function untilRefused(connection: Queryable): Promise<void> {
  for (;;) await connection.query(sql`select 1`)
}

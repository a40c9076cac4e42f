import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { DatabaseContext, isAdmin } from '../src/index.js'
import { type Sql, test } from './database.js'

// Whatever stands in that folder, so that a table nobody made a migration for is noticed.
const schema = await importAll('../src/schema/')

const PYTHON_TABLES = await readFile(new URL('python-fullon.sql', import.meta.url), 'utf8')
const OPEN = `
  import { DatabaseContext } from './src/index.ts'
  const db = await DatabaseContext.open({ url: process.argv[1] })
  console.log((await db.symbols.getAll()).length)
  await db.close()
`

async function importAll(folder: string): Promise<Record<string, unknown>> {
  const url = new URL(folder, import.meta.url)
  const files = await readdir(url)
  return Object.assign({}, ...(await Promise.all(files.map((file) => import(new URL(file, url).href)))))
}

/** What another process prints that opens the database and counts its symbols. */
async function openInProcess(url: string): Promise<string> {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', OPEN, url]
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return stdout + stderr
}

/** Every column and constraint of the public schema. */
async function describeTables(sql: Sql) {
  return {
    columns: [
      ...(await sql`
        select table_name, column_name, data_type, is_nullable, column_default
        from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`),
    ],
    constraints: [
      ...(await sql`
        select conrelid::regclass::text as table_name, conname, pg_get_constraintdef(oid) as definition
        from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`),
    ],
  }
}

describe('DatabaseContext.open', () => {
  test('makes the tables once when contexts and processes start at the same time', async ({ url, sql }) => {
    const contexts = Array.from({ length: 6 }, async () => {
      await using db = await DatabaseContext.open({ url })
      return `${(await db.symbols.getAll()).length}\n`
    })
    const seen = await Promise.all([...contexts, openInProcess(url), openInProcess(url)])
    expect(new Set(seen)).toEqual(new Set(['0\n']))
    const applied = await sql`select hash from drizzle.fullon_orm_migrations`
    expect(new Set(applied.map(({ hash }) => hash)).size).toBe(applied.length)
  })

  test('loses no row of a database that Python’s fullon made, and reads and extends it', async ({ url, sql }) => {
    await sql.unsafe(PYTHON_TABLES)
    const tables = ['users', 'cat_exchanges', 'cat_exchanges_params', 'exchanges', 'symbols']
    const read = async () => {
      const contents: unknown[][] = []
      for (const name of tables) contents.push(await sql.unsafe(`select * from ${name}`))
      return contents
    }
    const before = await read()
    await using db = await DatabaseContext.open({ url })
    expect(await read()).toMatchObject(before)

    expect(await db.users.getFirstAdmin()).toMatchObject({ uid: 1, timestamp: Date.UTC(2024, 4, 6, 7, 8, 9) })
    expect(await db.exchanges.getUserExchanges(1)).toMatchObject([
      { exId: 1, name: 'kraken', accountName: 'kraken1' },
      { exId: 2, name: 'bitmex', accountName: 'bitmex1' },
    ])
    expect(await db.exchanges.getExchangeParams(1)).toEqual({ trades: 'on' })
    expect(await db.symbols.getAll({ active: true })).toMatchObject([
      { symbol: 'BTC/USD', updateframe: '1h', backtest: 30, base: 'BTC', quote: 'USD', exBase: 'XBT' },
      { symbol: 'XBT/USD:XBT', base: 'XBT', quote: 'USD' },
    ])

    expect(await db.users.addUser({ mail: 'b@fullon' })).toMatchObject({ uid: 2 })
    expect(await db.exchanges.installExchange('kraken')).toBe(1)
    await db.exchanges.setExchangeParam(1, 'trades', 'a value longer than twenty')
    await db.symbols.addSymbol({ symbol: '1000000MOG/USDT:USDT-260925', catExId: 2, updateframe: '15m' })
    await expect(db.symbols.addSymbol({ symbol: 'BTC/USD', catExId: 1 })).rejects.toMatchObject({ code: 'DUPLICATE' })
  })

  test('retypes nothing of a database that Python’s fullon made but texts that are too narrow', async ({
    url,
    sql,
  }) => {
    await sql.unsafe(PYTHON_TABLES)
    const before = await describeTables(sql)
    await using _db = await DatabaseContext.open({ url })
    const after = await describeTables(sql)
    const key = (column: Record<string, unknown>) => `${column.table_name}.${column.column_name}`
    const types = new Map(after.columns.map((column) => [key(column), column]))
    const changed = before.columns.filter((column) => {
      const { data_type, ...rest } = column
      const { data_type: type, ...now } = types.get(key(column))!
      expect(now).toEqual(rest)
      return type !== data_type
    })
    expect(changed.map(({ data_type, ...column }) => `${key(column)} ${data_type}`)).toEqual([
      'cat_exchanges.name character varying',
      'cat_exchanges_params.name character varying',
      'cat_exchanges_params.value character varying',
      'symbols.symbol character varying',
      'symbols.updateframe character varying',
      'symbols.base character varying',
      'symbols.ex_base character varying',
      'users.password character',
    ])
    expect(after.constraints).toEqual(expect.arrayContaining(before.constraints))
  })

  test('names the view that is in the way of a column that is too narrow, and changes nothing', async ({
    url,
    sql,
  }) => {
    await sql.unsafe(PYTHON_TABLES)
    const before = await describeTables(sql)
    await sql.unsafe('create view my_symbols as select symbol from symbols')
    const refused = DatabaseContext.open({ url })
    await expect(refused).rejects.toMatchObject({ code: 'INVALID', message: expect.stringMatching(/view my_symbols/) })
    await sql.unsafe('drop view my_symbols')
    expect(await describeTables(sql)).toEqual(before)
    await using db = await DatabaseContext.open({ url })
    expect(await db.symbols.getAll()).toHaveLength(2)
  })

  test('does not queue for long behind a session that is idle in a transaction', async ({ url, sql }) => {
    await sql.unsafe(PYTHON_TABLES)
    const idle = new Client(url)
    await idle.connect()
    await idle.query('begin; select from symbols')
    const refused = DatabaseContext.open({ url })
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true, cause: { code: '55P03' } })
    await idle.end()
    await using db = await DatabaseContext.open({ url })
    expect(await db.symbols.getAll()).toHaveLength(2)
  })

  test('lets users of Python’s fullon in once they have a new password, never by the old hash', async ({
    url,
    sql,
  }) => {
    await sql.unsafe(PYTHON_TABLES)
    await using db = await DatabaseContext.open({ url })
    await expect(db.users.verifyPassword(1, 'secret')).rejects.toMatchObject({ code: 'UNSUPPORTED_HASH' })
    await db.users.updatePassword(1, 'secret')
    expect(await db.users.verifyPassword(1, 'secret')).toBe(true)
    expect(isAdmin((await db.users.getById(1))!)).toBe(true)
  })

  test('adds users to a database whose roles are an enum of its own', async ({ url, sql }) => {
    await sql.unsafe(PYTHON_TABLES)
    await sql.unsafe(`create type roleenum as enum ('ADMIN', 'USER');
      alter table users alter column role type roleenum using role::roleenum`)
    await using db = await DatabaseContext.open({ url })
    const { uid } = await db.users.addUser({ mail: 'b@fullon' })
    expect(await db.users.getById(uid)).toMatchObject({ role: 'USER' })
    expect(await db.users.modifyUser(uid, { role: 'admin' })).toMatchObject({ role: 'ADMIN' })
    expect(await db.users.getActiveUsers({ role: 'admin' })).toHaveLength(2)
  })

  test('opens what is complete for a role that may not create anything', async ({ url, db, sql }) => {
    const role = `orm_test_${randomBytes(6).toString('hex')}`
    await db.users.addUser({ mail: 'a@fullon' })
    await sql.unsafe(`create role ${role}`)
    try {
      await sql.unsafe(
        `grant usage on schema drizzle to ${role}; grant select on all tables in schema drizzle, public to ${role}`,
      )
      await using again = await DatabaseContext.open({ url: `${url}?options=-crole%3D${role}` })
      expect(await again.users.getUserId('a@fullon')).toBe(1)
      await expect(again.users.addUser({ mail: 'b@fullon' })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        transient: false,
        message: expect.stringContaining('42501 permission denied'),
      })
    } finally {
      await sql.unsafe(`drop owned by ${role}; drop role ${role}`)
    }
  })

  test('leaves nothing half made when a migration fails', async ({ url, sql }) => {
    await sql`create table symbols (symbol int)` // cannot be adopted: the update in 0001 refuses
    await expect(DatabaseContext.open({ url })).rejects.toMatchObject({ name: 'OrmError', code: 'INVALID' })
    expect(await sql`select to_regclass('users') as users, to_regnamespace('drizzle') as drizzle`).toEqual([
      { users: null, drizzle: null },
    ])
  })

  test('makes exactly the tables that the schema describes', async ({ db, sql }) => {
    const migrated = await describeTables(sql)
    await db.close()
    await sql`drop schema public cascade`
    await sql`create schema public`
    for (const statement of await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema))) {
      await sql.unsafe(statement)
    }
    expect(migrated).toEqual(await describeTables(sql))
  })

  it('has a migration for everything in the schema', async () => {
    const journal = JSON.parse(await readFile(new URL('../drizzle/meta/_journal.json', import.meta.url), 'utf8'))
    const last = String(journal.entries.at(-1).idx).padStart(4, '0')
    const snapshot = JSON.parse(
      await readFile(new URL(`../drizzle/meta/${last}_snapshot.json`, import.meta.url), 'utf8'),
    )
    expect(await generateMigration(snapshot, generateDrizzleJson(schema, snapshot.id))).toEqual([])
  })
})

import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { DatabaseError } from 'pg'
import { describe, expect, it } from 'vitest'
import { DatabaseContext, OrmError } from '../src/index.js'
import { translateError } from '../src/translate-error.js'
import { test, until } from './database.js'
import { openProxy } from './proxy.js'

async function failure(work: Promise<unknown>): Promise<OrmError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(OrmError)
  return error as OrmError
}

/** A port on which nothing listens, or on which a server accepts and stays silent. */
async function listen({ silent }: { silent: boolean }): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((socket) => void socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()))
  if (!silent) await close()
  return { port, [Symbol.asyncDispose]: silent ? close : async () => {} }
}

describe('a database that is not there yet', () => {
  test('is waited for, which is said, and then used', async ({ url }) => {
    await using proxy = await openProxy(url)
    await proxy.shut()
    const said: object[] = []
    const logger = {
      warn(fields: object) {
        if (said.push(fields) === 1) void proxy.open()
      },
    }
    await using db = await DatabaseContext.open({ url: proxy.url, waitMs: 60_000, logger })
    expect(await db.exchanges.getCatExchanges()).toEqual([])
    expect(said).toEqual([{ reason: expect.stringMatching(/ECONNREFUSED/), delayMs: 2_000 }])
  })

  test('is not waited for when waiting cannot help, when told to stop, or for ever', async ({ url }) => {
    const missing = Object.assign(new URL(url), { pathname: '/not_there' }).href
    expect((await failure(DatabaseContext.open({ url: missing, waitMs: 600_000 }))).transient).toBe(false)
    await using server = await listen({ silent: false })
    const dead = `postgres://fullon@127.0.0.1:${server.port}/fullon`
    expect(await failure(DatabaseContext.open({ url: dead, waitMs: 1 }))).toMatchObject({ code: 'UNAVAILABLE' })
    const stop = new AbortController()
    const logger = { warn: () => stop.abort(new Error('told to')) }
    const waiting = DatabaseContext.open({ url: dead, waitMs: 600_000, signal: stop.signal, logger })
    await expect(waiting).rejects.toThrow('told to')
  })
})

describe('OrmError', () => {
  test('names the server that does not answer, and never the password', async () => {
    await using server = await listen({ silent: false })
    const url = `postgres://fullon:hunter2@127.0.0.1:${server.port}/fullon`
    const error = await failure(DatabaseContext.open({ url }))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', transient: true, cause: { code: 'ECONNREFUSED' } })
    expect(error.message).toBe(
      `DatabaseContext.open: expected a database at 127.0.0.1:${server.port}/fullon, got ECONNREFUSED (is it running?)`,
    )
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + error.stack).not.toContain('hunter2')
  })

  test('gives up on a server that accepts and then says nothing', async () => {
    await using server = await listen({ silent: true })
    const url = `postgres://fullon@127.0.0.1:${server.port}/fullon`
    const error = await failure(DatabaseContext.open({ url, connectTimeoutMs: 200 }))
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      transient: true,
      cause: { message: expect.stringContaining('timeout') },
    })
  })

  test('tells a database that does not exist from one that is away', async ({ url }) => {
    const missing = new URL(url)
    missing.pathname = '/no_such_database'
    const error = await failure(DatabaseContext.open({ url: missing.href }))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', transient: false })
    expect(error.message).toMatch(/\/no_such_database, got 3D000 /)
  })

  test('does not quote a URL that it cannot use', async () => {
    const bad = (url: string) => DatabaseContext.open({ url }).catch((error: unknown) => error)
    expect(await bad('postgres://a:hunter2@host:port/b')).toEqual(
      new TypeError('DatabaseContext.open url: expected postgres://user@host:port/database, got no URL'),
    )
    expect(await bad('mysql://a:hunter2@host/b')).toEqual(
      new TypeError('DatabaseContext.open url: expected postgres://user@host:port/database, got mysql:'),
    )
  })

  test('says transient when the server ends the connection, and works again on a new one', async ({ db, sql }) => {
    await sql`begin`
    await sql`lock table symbols`
    const pending = failure(db.symbols.getAll())
    const endWaiting = () =>
      sql`select pg_terminate_backend(pid) from pg_locks where relation = 'symbols'::regclass and not granted`
    await until(async () => (await endWaiting()).length > 0)
    await sql`rollback`
    expect(await pending).toMatchObject({ code: 'UNAVAILABLE', transient: true })
    expect(await db.symbols.getAll()).toEqual([])
  })

  test('says transient of a session that the server ended as idle in a transaction', async ({ url, sql }) => {
    const [row] = await sql`select current_database() as name`
    await sql.unsafe(`alter database "${row!.name}" set idle_in_transaction_session_timeout = 50`)
    await using db = await DatabaseContext.open({ url })
    const idle = db.transaction(async ({ users }) => {
      await users.getFirstAdmin()
      const inTransaction = () => sql`select 1 from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`
      await until(async () => (await inTransaction()).length === 0)
      await users.getFirstAdmin()
    })
    expect(await failure(idle)).toMatchObject({ code: 'UNAVAILABLE', transient: true, cause: { code: '25P03' } })
  })

  test('refuses calls on a closed context', async ({ db }) => {
    await Promise.all([db.close(), db.close()])
    expect(await failure(db.symbols.getAll())).toMatchObject({
      code: 'UNAVAILABLE',
      transient: false,
      message: 'symbols.getAll: expected an open DatabaseContext, got a closed one',
    })
  })
})

describe('translateError', () => {
  const context = { subject: 'users.addUser', target: 'a:1/b' }

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('lets a caller retry after %s', (code) => {
    const lost = Object.assign(new Error('x'), { code })
    expect(translateError(new Error('Connection terminated'), { ...context, lost })).toMatchObject({
      code: 'UNAVAILABLE',
      transient: true,
      message: `users.addUser: expected a database at a:1/b, got ${code} (is it running?)`,
      cause: lost,
    })
  })

  it('leaves the errors of others alone, so that a mistake in a program is not taken for an outage', () => {
    const mistake = Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' })
    expect(translateError(mistake, context)).toBe(mistake)
    expect(translateError('text', context)).toBe('text')
    expect(translateError(new DrizzleQueryError('select', ['a password'], mistake), context)).toBe(mistake)
  })

  it('keeps a row that a constraint refused out of the cause, where a log would print it', () => {
    const cause = Object.assign(new DatabaseError('null value', 1, 'error'), {
      code: '23502',
      detail: 'Failing row contains (1, a@fullon, $scrypt$…)',
    })
    const error = translateError(cause, context) as OrmError
    expect(error).toMatchObject({ code: 'INVALID', message: 'users.addUser: got 23502 null value' })
    expect(inspect(error)).not.toContain('scrypt')
  })
})

import { describe, expect } from 'vitest'
import { DatabaseContext } from '../src/index.js'
import { type Sql, test, until } from './database.js'
import { openProxy } from './proxy.js'

/** Ends every connection of the library's on this database; how many there were. */
async function endConnections(sql: Sql): Promise<number> {
  const ended = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = '@fullon/orm'`
  return ended.length
}

const unavailable = { name: 'OrmError', code: 'UNAVAILABLE', transient: true }

describe('db.transaction', () => {
  test('does all of it, and hands on what the work gives', async ({ db }) => {
    const exId = await db.transaction(async ({ users, exchanges }) => {
      const { uid } = await users.addUser({ mail: 'a@fullon' })
      const catExId = await exchanges.installExchange('kraken')
      return exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    })
    expect(await db.exchanges.getExchange(exId)).toMatchObject({ name: 'kraken' })
  })

  test('leaves nothing of work that throws, and throws what it threw', async ({ db }) => {
    const mistake = new Error('changed my mind')
    const work = db.transaction(async ({ users }) => {
      await users.addUser({ mail: 'a@fullon' })
      expect(await users.getUserId('a@fullon')).toBe(1)
      throw mistake
    })
    await expect(work).rejects.toBe(mistake)
    expect(await db.users.getUserId('a@fullon')).toBeUndefined()
  })

  test('keeps what is not committed from everyone else', async ({ db }) => {
    await db.transaction(async ({ users }) => {
      await users.addUser({ mail: 'a@fullon' })
      expect(await db.users.getUserId('a@fullon')).toBeUndefined()
    })
    expect(await db.users.getUserId('a@fullon')).toBe(1)
  })

  test('runs statements that were started together one after the other', async ({ db }) => {
    const mails = Array.from({ length: 8 }, (_, index) => `${index}@fullon`)
    await db.transaction(({ users }) => Promise.all(mails.map((mail) => users.addUser({ mail }))))
    expect(await db.users.search('@fullon')).toHaveLength(8)
  })

  test('says so when the error of a statement was swallowed, rather than lose the rest silently', async ({ db }) => {
    const work = db.transaction(async ({ users }) => {
      await users.addUser({ mail: 'a@fullon' })
      await users.addUser({ mail: 'a@fullon' }).catch(() => {})
    })
    await expect(work).rejects.toMatchObject({ code: 'INVALID', message: expect.stringContaining('rolled back') })
    expect(await db.users.getUserId('a@fullon')).toBeUndefined()
  })

  test('refuses its repositories once it is over, so that nothing is written outside it unnoticed', async ({ db }) => {
    const { users } = await db.transaction(async (inside) => inside)
    await expect(users.addUser({ mail: 'a@fullon' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      transient: false,
      message: 'users.addUser: expected an open transaction, got one that is over',
    })
  })
})

describe('a connection that is lost', () => {
  test('while idle in a transaction: undone, retried by the caller, and the process lives', async ({ db, sql }) => {
    let attempts = 0
    const addBoth = () =>
      db.transaction(async ({ users }) => {
        await users.addUser({ mail: 'a@fullon' })
        if (attempts++ === 0) expect(await endConnections(sql)).toBeGreaterThan(0)
        await users.addUser({ mail: 'b@fullon' })
      })
    await expect(addBoth()).rejects.toMatchObject(unavailable)
    expect(await db.users.search('@fullon')).toEqual([])
    await addBoth()
    expect(await db.users.search('@fullon')).toHaveLength(2)
  })

  test('before the commit: nothing happened, and it may be tried again', async ({ db, sql }) => {
    const work = db.transaction(async ({ users }) => {
      await users.addUser({ mail: 'a@fullon' })
      await endConnections(sql)
      await until(() =>
        users.getById(1).then(
          () => false,
          () => true,
        ),
      ) // until it has been noticed
    })
    await expect(work).rejects.toMatchObject(unavailable)
    expect(await db.users.getUserId('a@fullon')).toBeUndefined()
  })

  test('in the middle of a statement of a transaction', async ({ db, sql }) => {
    await sql`begin`
    await sql`lock table users`
    const pending = db.transaction(({ users }) => users.addUser({ mail: 'a@fullon' }))
    const failed = expect(pending).rejects.toMatchObject(unavailable)
    const waiting = () => sql`select from pg_locks where relation = 'users'::regclass and not granted`
    await until(async () => (await waiting()).length > 0)
    await endConnections(sql)
    await sql`rollback`
    await failed
    expect(await db.users.addUser({ mail: 'a@fullon' })).toMatchObject({ mail: 'a@fullon' })
  })

  test('while the commit is under way: says that nobody knows, not that it may be repeated', async ({ db, sql }) => {
    // A deferred constraint trigger holds the commit for as long as it waits for the lock.
    await sql.unsafe(`
      create table gate (); create function wait() returns trigger language plpgsql as
        $$ begin lock table gate in access share mode; return null; end $$;
      create constraint trigger waits after insert on users deferrable initially deferred
        for each row execute function wait();`)
    await sql`begin`
    await sql`lock table gate`
    const failed = expect(db.transaction(({ users }) => users.addUser({ mail: 'a@fullon' }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      transient: false,
      message: expect.stringContaining('got none (it may have happened: look, then repeat)'),
    })
    const waiting = () => sql`select from pg_locks where relation = 'gate'::regclass and not granted`
    await until(async () => (await waiting()).length > 0)
    await endConnections(sql)
    await sql`rollback`
    await failed
  })

  test('in the pool: is not handed out', async ({ db, sql }) => {
    await Promise.all(Array.from({ length: 5 }, () => db.symbols.getAll()))
    await endConnections(sql)
    const alive = () => sql`
      select from pg_stat_activity where datname = current_database() and application_name = '@fullon/orm'`
    await until(async () => (await alive()).length === 0)
    await until(() =>
      db.symbols.getAll().then(
        () => true,
        () => false,
      ),
    ) // pg hears of it a little later
    await Promise.all(Array.from({ length: 5 }, () => db.symbols.getAll()))
  })
})

describe('a server that vanished without a word', () => {
  test('is given up, in a transaction as well, and works again when it is back', async ({ url }) => {
    await using proxy = await openProxy(url)
    await using db = await DatabaseContext.open({ url: proxy.url, statementTimeoutMs: 500 })
    const gone = { ...unavailable, message: expect.stringContaining('got no answer in 500 ms') }
    const work = db.transaction(async ({ users }) => {
      await users.addUser({ mail: 'a@fullon' })
      proxy.block()
      await users.addUser({ mail: 'b@fullon' })
    })
    await expect(work).rejects.toMatchObject(gone)
    await db.users.search('@fullon')
    proxy.block()
    await expect(db.users.search('@fullon')).rejects.toMatchObject(gone)
    await db.users.search('@fullon')
  })
})

describe('db.close', () => {
  test('waits for a transaction that is running', async ({ db, url }) => {
    const work = db.transaction(async ({ users }) => {
      await users.addUser({ mail: 'a@fullon' })
      void db.close()
      await users.addUser({ mail: 'b@fullon' })
    })
    await work
    await db.close()
    await using again = await DatabaseContext.open({ url })
    expect(await again.users.search('@fullon')).toHaveLength(2)
  })

  test('gives up on a statement that does not end', { timeout: 30_000 }, async ({ db, sql }) => {
    await sql`begin`
    await sql`lock table symbols`
    const pending = expect(db.symbols.getAll()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('got a closed one'),
    })
    const waiting = () => sql`select from pg_locks where relation = 'symbols'::regclass and not granted`
    await until(async () => (await waiting()).length > 0)
    await db.close()
    await pending
    await sql`rollback`
  })
})

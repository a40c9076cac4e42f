import { describe, expect } from 'vitest'
import { type Change, DatabaseContext, type WatchOptions } from '../src/index.js'
import { type Sql, test, until } from './database.js'
import { openProxy } from './proxy.js'

const BY_NOTIFICATION = { pollMs: 3_600_000 }

/** What a watch has given so far, and how it ended. */
function follow(db: DatabaseContext, options: WatchOptions = BY_NOTIFICATION) {
  const abort = new AbortController()
  const arrays: (readonly Change[])[] = []
  const ended = (async () => {
    for await (const changes of db.watch({ ...options, signal: abort.signal })) arrays.push(changes)
  })()
  ended.catch(() => {}) // looked at when the test does
  const symbols = () => new Set(arrays.flat().map((change) => change.table === 'symbols' && change.after?.symbol))
  const started = () => until(() => arrays.length > 0)
  return { arrays, symbols, started, ended, abort }
}

/** Ends the connections that listen; how many there were. */
async function endListeners(sql: Sql): Promise<number> {
  const ended = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = '@fullon/orm watch'`
  return ended.length
}

describe('db.watch', () => {
  test('begins with all there is and goes on with what others change', async ({ db, sql }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon', password: 'a password' })
    const catExId = await db.exchanges.installExchange('kraken', { params: { trades: 'on' } })
    const exId = await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    const symbol = await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    const watch = follow(db)
    await watch.started()
    const account = { exId, uid, catExId, name: 'kraken', accountName: 'ohlcv_account', test: false, active: true }
    expect(watch.arrays[0]).toEqual([
      { table: 'users', after: await db.users.getById(uid) },
      { table: 'cat_exchanges', after: { catExId, name: 'kraken', ohlcvView: null } },
      { table: 'cat_exchanges_params', after: { catExId, name: 'trades', value: 'on' } },
      { table: 'exchanges', after: account },
      { table: 'symbols', after: symbol },
    ])

    const steps: [string, Change[]][] = [
      [`update symbols set backtest = 90`, [{ table: 'symbols', before: symbol, after: { ...symbol, backtest: 90 } }]],
      [`delete from symbols`, [{ table: 'symbols', before: { ...symbol, backtest: 90 } }]],
      [
        `update exchanges set active = false`,
        [{ table: 'exchanges', before: account, after: { ...account, active: false } }],
      ],
      [
        `truncate cat_exchanges_params`,
        [{ table: 'cat_exchanges_params', before: { catExId, name: 'trades', value: 'on' } }],
      ],
    ]
    for (const [index, [statement, changes]] of steps.entries()) {
      await sql.unsafe(statement)
      await until(() => watch.arrays.length > index + 1)
      expect(watch.arrays[index + 1]).toEqual(changes)
    }
  })

  test('shows no secrets, and says nothing where nothing can be seen', async ({ db, sql }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon', password: 'a password' })
    const watch = follow(db)
    await watch.started()
    await db.users.updatePassword(uid, 'another')
    await sql`update users set f2a = 'the seed'`
    await sql`update users set name = 'Ada'`
    await until(() => watch.arrays.length > 1)
    expect(watch.arrays[1]).toMatchObject([{ table: 'users', before: { name: '' }, after: { name: 'Ada' } }])
    expect(JSON.stringify(watch.arrays)).not.toMatch(/scrypt|the seed/)
  })

  test('goes on when its query is cancelled, as a statement_timeout does', async ({ db, sql }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const watch = follow(db, { pollMs: 50 })
    await watch.started()
    await sql`begin`
    await sql`lock table symbols`
    const cancel = () =>
      sql`select pg_cancel_backend(pid) from pg_locks where relation = 'symbols'::regclass and not granted`
    await until(async () => (await cancel()).length > 0)
    await sql`rollback`
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await until(() => watch.symbols().has('BTC/USD'))
    watch.abort.abort()
  })

  test('goes on while a table is away, as when a backup is restored', async ({ db, sql }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const warnings: object[] = []
    const watch = follow(db, { pollMs: 50, logger: { warn: (fields) => warnings.push(fields) } })
    await watch.started()
    await sql`alter table symbols rename to restored`
    await until(() => warnings.length > 1)
    await sql`alter table restored rename to symbols`
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await until(() => watch.symbols().has('BTC/USD'))
    watch.abort.abort()
  })

  test('misses nothing while its connection is ended again and again', async ({ db, sql }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const watch = follow(db)
    await watch.started()
    const names = Array.from({ length: 60 }, (_, index) => `C${index}/USD`)
    let ended = 0
    for (const [index, symbol] of names.entries()) {
      await db.symbols.addSymbol({ symbol, catExId })
      if (index % 5 === 0) ended += await endListeners(sql)
    }
    await until(() => names.every((name) => watch.symbols().has(name)))
    expect(ended).toBeGreaterThan(0)
    const seen = watch.arrays.flat().filter(({ table, after }) => table === 'symbols' && after)
    expect(seen).toHaveLength(names.length) // each once
  })

  test('misses nothing that was changed while the database was away', async ({ url, db }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    await using proxy = await openProxy(url)
    await using far = await DatabaseContext.open({ url: proxy.url })
    const warnings: object[] = []
    const watch = follow(far, { ...BY_NOTIFICATION, logger: { warn: (fields) => void warnings.push(fields) } })
    await watch.started()
    await proxy.shut()
    const { symbolId } = await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await until(() => warnings.length >= 2)
    await db.symbols.updateSymbol(symbolId, { backtest: 7 })
    await proxy.open()
    await until(() => watch.symbols().has('BTC/USD'))
    expect(watch.arrays[1]).toMatchObject([{ table: 'symbols', after: { backtest: 7 } }])
    expect(warnings[0]).toMatchObject({ err: { code: 'UNAVAILABLE' }, attempt: 0, delayMs: expect.any(Number) })
  })

  test('does not wait for ever on a server that vanished without a word', async ({ url, db }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    await using proxy = await openProxy(url)
    await using far = await DatabaseContext.open({ url: proxy.url, connectTimeoutMs: 500 })
    const watch = follow(far, { pollMs: 50 })
    await watch.started()
    proxy.block()
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await until(() => watch.symbols().has('BTC/USD'))
  })

  test('finds what no trigger told of at the next poll', async ({ db, sql }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    await sql`drop trigger fullon_orm_changed on symbols`
    const watch = follow(db, { pollMs: 50 })
    await watch.started()
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await until(() => watch.symbols().has('BTC/USD'))
  })

  test('rests while nothing changes, sees all as of one moment, and hears what changed while it looked', async ({
    db,
    sql,
  }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    let rests = 0
    const sleep = (_delayMs: number, { signal }: { signal: AbortSignal }) =>
      new Promise<void>((_resolve, reject) => {
        rests++
        if (signal.aborted) return reject(signal.reason)
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    const watch = follow(db, { sleep })
    await until(() => rests === 1)
    await sql`begin`
    await sql`lock table symbols` // the look that this notification causes waits for the second change
    await db.exchanges.setExchangeParam(catExId, 'trades', 'on')
    const waiting = () => sql`select from pg_locks where relation = 'symbols'::regclass and not granted`
    await until(async () => (await waiting()).length > 0)
    await sql`insert into cat_exchanges (name) values ('bitmex')`
    await sql`insert into symbols (symbol, cat_ex_id, base) select 'BTC/USD', cat_ex_id, 'BTC' from cat_exchanges`
    await sql`commit`
    await until(() => watch.arrays.length === 3)
    const tables = (changes?: readonly Change[]) => changes?.map(({ table }) => table)
    expect(tables(watch.arrays[1])).toEqual(['cat_exchanges_params']) // as it was when it began to look
    expect(tables(watch.arrays[2])).toEqual(['cat_exchanges', 'symbols', 'symbols'])
    await until(() => rests === 3)
    await db.users.getFirstAdmin()
    expect(rests).toBe(3) // woken by each change, once, and by nothing else
  })

  test('ends with the signal’s reason, also while the database is away, and leaves no connection', async ({ url }) => {
    await using proxy = await openProxy(url)
    await using db = await DatabaseContext.open({ url: proxy.url })
    const reason = new Error('shutting down')
    const idle = follow(db)
    await idle.started()
    idle.abort.abort(reason)
    await expect(idle.ended).rejects.toBe(reason)
    const away = follow(db)
    await away.started()
    await proxy.shut()
    away.abort.abort(reason)
    await expect(away.ended).rejects.toBe(reason)
    const never = db.watch({ signal: AbortSignal.abort(reason) })
    await expect(never.next()).rejects.toBe(reason)
  })

  test('leaves no connection behind when its consumer breaks off', async ({ db, sql }) => {
    const alive = async () =>
      (await sql`select from pg_stat_activity where datname = current_database() and application_name ~ 'watch'`).length
    for await (const changes of db.watch()) {
      expect(changes).toEqual([])
      expect(await alive()).toBe(1)
      break
    }
    await until(async () => (await alive()) === 0)
  })

  test('ends when the context is closed', async ({ db }) => {
    const watch = follow(db)
    await watch.started()
    await db.close()
    const closed = { code: 'UNAVAILABLE', transient: false, message: expect.stringContaining('got a closed one') }
    await expect(watch.ended).rejects.toMatchObject(closed)
    await expect(db.watch().next()).rejects.toMatchObject(closed)
  })

  test('ends with the error when looking again cannot help, rather than knock for ever', async ({ db, sql }) => {
    const watch = follow(db)
    await watch.started()
    await sql`update pg_database set datallowconn = false where datname = current_database()`
    await endListeners(sql)
    await expect(watch.ended).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: false, cause: { code: '55000' } })
  })
})

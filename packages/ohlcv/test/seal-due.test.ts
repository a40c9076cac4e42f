import { openScratchDatabase } from '@fullon/embedded'
import { timeframeMs } from '@fullon/market'
import postgres from 'postgres'
import { describe, expect, vi } from 'vitest'
import { applyRetention, CandleRepository, openOhlcv, sealDue, TimeseriesRepository } from '../src/index.js'
import { test as base } from './fixtures.js'
import { candle, candles, MONDAY, minute, minutes } from './rows.js'

const SYMBOLS = ['S0/USD', 'S1/USD', 'S2/USD', 'S3/USD']
const WEEK_MS = timeframeMs('1w')
const WEEK = { table: 'candles', since: MONDAY, until: MONDAY + WEEK_MS } as const
/** When that week has been over for two days. */
const NOW = WEEK.until + 2 * timeframeMs('1d')
const AT_ONCE = { now: NOW, quietMs: 0 }

/** A database a test: sealing is about all series. */
const test = base.extend('own', async ({ database: _ }, { onCleanup }) => {
  const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const db = await openOhlcv({ url: scratch.url })
  const sql = postgres(scratch.url, { max: 4, onnotice: () => {} })
  onCleanup(async () => {
    await db.close()
    await sql.end({ timeout: 1 })
    await scratch.close()
  })
  const repos = SYMBOLS.map((symbol) => new CandleRepository(db, 'kraken', symbol, '1m'))
  return { db, repos, sql, url: scratch.url }
})

test('rows of a series that were written interleaved with others lie together afterwards', async ({
  own: { db, repos, sql, url },
}) => {
  await saveInterleaved(url)
  const before = await Promise.all(repos.map((repo) => repo.getCandles()))
  expect(await runsOf(sql)).toBeGreaterThan(100)
  expect(await sealDue(db, AT_ONCE)).toEqual({ sealed: [WEEK], busy: [], left: [] })
  expect(await runsOf(sql)).toBe(repos.length)
  expect(await Promise.all(repos.map((repo) => repo.getCandles()))).toEqual(before)
  // Whether all of it is visible already depends on who else looks at this database: that it was vacuumed does not.
  await vi.waitFor(async () => {
    const [week] = await sql`
      select last_vacuum is not null as vacuumed from pg_stat_user_tables where relname = 'candles_2024_01_08'`
    expect(week?.vacuumed).toBe(true)
  }, 10_000)
})

test('the present week is left alone until it has been over for a day', async ({ own: { db, url } }) => {
  await saveInterleaved(url)
  const [before, after] = [WEEK.until + timeframeMs('1d') - 1, WEEK.until + timeframeMs('1d')]
  expect((await sealDue(db, { now: before, quietMs: 0 })).sealed).toEqual([])
  expect((await sealDue(db, { now: after, quietMs: 0 })).sealed).toEqual([WEEK])
})

test('a week that is being filled is left alone until it was quiet', async ({ own: { db, sql, url } }) => {
  await saveInterleaved(url)
  const quietMs = 600_000
  const look = async (afterMs: number) => (await sealDue(db, { now: NOW + afterMs, quietMs })).sealed
  await untilCounted(sql, 400)
  expect(await look(0)).toEqual([])
  await save(url, 500, 501)
  await untilCounted(sql, 401)
  expect(await look(quietMs - 1)).toEqual([])
  expect(await look(quietMs)).toEqual([])
  expect(await look(2 * quietMs - 1)).toEqual([WEEK])
})

test('a sealed week is sealed again once a tenth of it has changed', async ({ own: { db, sql, url } }) => {
  await saveInterleaved(url)
  await untilCounted(sql, 400)
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([WEEK])
  await save(url, 500, 540)
  await untilCounted(sql, 440)
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([])
  await save(url, 540, 541)
  await untilCounted(sql, 441)
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([WEEK])
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([])
})

test('of two sealers at once each week is sealed by one', async ({ own: { db, url, sql } }) => {
  for (let week = 0; week < 8; week++) await saveInterleaved(url, week)
  await untilCounted(sql, 400)
  await using other = await openOhlcv({ url })
  const now = NOW + 8 * WEEK_MS
  const results = await Promise.all([db, other, db, other].map((one) => sealDue(one, { now, quietMs: 0 })))
  const sealed = results.flatMap((result) => result.sealed.map(({ since }) => since))
  expect(sealed.toSorted()).toEqual(Array.from({ length: 8 }, (_, week) => MONDAY + week * WEEK_MS))
})

test('a reader is not waited for: the week is busy, and sealed later', async ({ own: { db, sql, url } }) => {
  await saveInterleaved(url)
  await sql.begin(async (reader) => {
    await reader`select from ohlcv.candles`
    expect(await sealDue(db, AT_ONCE)).toEqual({ sealed: [], busy: [WEEK], left: [] })
  })
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([WEEK])
})

test('nobody waits for a week that is being clustered but those who want it', async ({ own: { sql, url } }) => {
  await saveInterleaved(url)
  await saveInterleaved(url, 1)
  await using one = await openOhlcv({ url, maxConnections: 1 })
  const repo = new CandleRepository(one, 'kraken', 'S0/USD', '1m')
  const series = new TimeseriesRepository(one, 'kraken', 'S0/USD')
  const live = async (first: number) => {
    for (let index = first; index < first + 10; index++) {
      const page = { rows: [candle(index)], covered: minutes(index, index + 1), confirmedUntil: minute(index + 1) }
      expect(await repo.saveCandles(page)).toMatchObject({ inserted: 1 })
      expect(await repo.saveCandles(page)).toMatchObject({ unchanged: 1 })
      expect(await repo.getCandles({ since: minute(first) })).toHaveLength(index - first + 1)
      await series.fetchOhlcv({ ...minutes(first, first + 60), timeframe: '5m' })
    }
  }
  await live(20_000) // so often that the server might keep a plan
  await sql.begin(async (sealer) => {
    await sealer`lock table ohlcv.candles_2024_01_08 in access exclusive mode` // as CLUSTER does, as long as we please
    await live(20_100)
  })
})

test('what a writer saves during sealing is there, and the week is in order', async ({
  own: { db, repos, url, sql },
}) => {
  await saveInterleaved(url)
  await using writer = await openOhlcv({ url })
  const own = new CandleRepository(writer, 'kraken', 'S0/USD', '1m')
  const saves = (async () => {
    for (let index = 0; index < 100; index++) {
      await own.saveCandles({ rows: candles(1000 + index, 1001 + index), covered: minutes(1000 + index, 1001 + index) })
    }
  })()
  for (let round = 0; round < 5; round++) {
    await sealDue(db, AT_ONCE)
    await sql`update ohlcv.seals set sealed_changes = null`
  }
  await saves
  expect((await repos[0]!.getCandles({ since: minute(1000) })).length).toBe(100)
  await sealDue(db, AT_ONCE)
  expect(await runsOf(sql)).toBe(4)
})

test('a sealer that is ended while it clusters leaves the week readable, and the next one seals it', async ({
  own: { db, repos, url, sql },
}) => {
  await saveInterleaved(url)
  await sql`
    insert into ohlcv.candles
    select series_id + 9, ${new Date(MONDAY)}::timestamptz + n * interval '1 s', 1, 1, 1, 1, 1
    from ohlcv.series, generate_series(0, 49999) as n order by n, series_id`
  await using other = await openOhlcv({ url })
  let ended = 0
  while (ended === 0) {
    await sql`update ohlcv.seals set sealed_changes = null` // it was too quick for us
    let isOver = false
    const outcome = sealDue(other, AT_ONCE).then(
      () => 'sealed',
      (error) => error.code,
    )
    void outcome.then(() => {
      isOver = true
    })
    while (!isOver && ended === 0) ended = (await endClustering(sql)).length
    expect(await outcome).toBe(ended > 0 ? 'UNAVAILABLE' : 'sealed')
  }
  for (const repo of repos) expect(await repo.getCandles()).toHaveLength(100)
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([WEEK])
  expect(await runsOf(sql)).toBe(2 * repos.length)
})

describe('a week that takes long to cluster', () => {
  test('is sealed however long a statement may take', async ({ own: { db, repos, sql, url } }) => {
    await saveInterleaved(url)
    await using quick = await openOhlcv({ url, statementTimeoutMs: 1_000 })
    const release = await holdUpClustering(sql)
    const sealing = sealDue(quick, AT_ONCE)
    sealing.catch(() => {}) // seen below
    await expect.poll(() => clustering(sql, 2_000), { timeout: 20_000 }).toHaveLength(1)
    await release()
    expect(await sealing).toEqual({ sealed: [WEEK], busy: [], left: [] })
    expect(await runsOf(sql)).toBe(repos.length)
    const timeouts = await quick.query((connection) => connection.query('show statement_timeout'))
    expect([timeouts, (await sealDue(db, AT_ONCE)).left]).toEqual([[{ statement_timeout: '1s' }], []])
  })

  test('does not stop later ones when it is cancelled, and is sealed later', async ({ own: { db, sql, url } }) => {
    for (let week = 0; week < 2; week++) await saveInterleaved(url, week)
    const release = await holdUpClustering(sql)
    const options = { now: NOW + WEEK_MS, quietMs: 0 }
    const sealing = sealDue(db, options)
    await expect.poll(() => clustering(sql), { timeout: 20_000 }).toHaveLength(1)
    await sql`select pg_cancel_backend(${(await clustering(sql))[0]?.pid})`
    const next = { ...WEEK, since: MONDAY + WEEK_MS, until: WEEK.until + WEEK_MS }
    expect(await sealing).toEqual({ sealed: [next], busy: [WEEK], left: [] })
    await release()
    expect((await sealDue(db, options)).sealed).toEqual([WEEK])
  })

  test('is given up at once by an abort, and readable', async ({ own: { db, repos, sql, url } }) => {
    await saveInterleaved(url)
    const release = await holdUpClustering(sql)
    const stop = new AbortController()
    const sealing = sealDue(db, { ...AT_ONCE, signal: stop.signal })
    await expect.poll(() => clustering(sql), { timeout: 20_000 }).toHaveLength(1)
    stop.abort()
    expect(await sealing).toEqual({ sealed: [], busy: [], left: [WEEK] })
    expect(await repos[0]?.getCandles()).toHaveLength(100)
    await release()
    expect((await sealDue(db, AT_ONCE)).sealed).toEqual([WEEK])
  })
})

test('a week that retention dropped is forgotten, and one made again is due', async ({ own: { db, sql, url } }) => {
  await saveInterleaved(url)
  await untilCounted(sql, 400)
  await sealDue(db, AT_ONCE)
  await applyRetention(db, { kind: 'candles', now: NOW + 10 * WEEK_MS, keepMs: WEEK_MS })
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([])
  expect(await sql`select from ohlcv.seals`).toHaveLength(0)
  await save(url, 0, 50)
  expect((await sealDue(db, AT_ONCE)).sealed).toEqual([WEEK])
})

test('stops between two weeks, at a limit or an abort', async ({ own: { db, url } }) => {
  for (let week = 0; week < 4; week++) await saveInterleaved(url, week)
  const options = { now: NOW + 8 * WEEK_MS, quietMs: 0 }
  const first = await sealDue(db, { ...options, limit: 1 })
  expect([first.sealed, first.left.length]).toEqual([[WEEK], 3])
  const aborted = await sealDue(db, { ...options, signal: AbortSignal.abort() })
  expect([aborted.sealed, aborted.left.length]).toEqual([[], 3])
})

/** 100 candles of each of four series, written in turns as live ones are. */
async function saveInterleaved(url: string, week = 0): Promise<void> {
  await using db = await openOhlcv({ url }) // the server counts what a session wrote when it ends, else seconds later
  const repos = SYMBOLS.map((symbol) => new CandleRepository(db, 'kraken', symbol, '1m'))
  for (let index = week * 10_080; index < week * 10_080 + 100; index++) {
    const page = { rows: [candle(index)], covered: minutes(index, index + 1) }
    await Promise.all(repos.map((repo) => repo.saveCandles(page)))
  }
}

/** Candles of the first series. */
async function save(url: string, since: number, until: number): Promise<void> {
  await using db = await openOhlcv({ url })
  const repo = new CandleRepository(db, 'kraken', 'S0/USD', '1m')
  await repo.saveCandles({ rows: candles(since, until), covered: minutes(since, until) })
}

/** Clustering of the first week does not end until what this gives is called: it writes an index, which waits. */
async function holdUpClustering(sql: postgres.Sql): Promise<() => Promise<void>> {
  await sql.unsafe(`
    create function when_free(value float8) returns float8 immutable language plpgsql as $$ begin
      while not pg_try_advisory_xact_lock_shared(7) loop perform pg_sleep(0.01); end loop;
      return value;
    end $$;
    create index on ohlcv.candles_2024_01_08 (when_free(open))`)
  const holder = await sql.reserve()
  await holder`select pg_advisory_lock(7)`
  return async () => {
    await holder`select pg_advisory_unlock(7)`
    holder.release()
  }
}

/** Who clusters, for so long at least. */
function clustering(sql: postgres.Sql, forMs = 0) {
  return sql`
    select pid from pg_stat_activity
    where datname = current_database() and query like '%cluster ohlcv%' and state = 'active'
      and pid <> pg_backend_pid() and clock_timestamp() - query_start > ${`${forMs} ms`}::interval`
}

function endClustering(sql: postgres.Sql) {
  return sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like '%cluster ohlcv%' and state = 'active'
      and pid <> pg_backend_pid()`
}

/** How often the series changes from one row to the next on disk. */
async function runsOf(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`
    select count(*) filter (where series_id is distinct from previous)::int as runs from (
      select series_id, lag(series_id) over (order by ctid) as previous from ohlcv.candles_2024_01_08
    ) as rows`
  return row?.runs
}

/** Until the server has counted so many changes. */
async function untilCounted(sql: postgres.Sql, changes: number): Promise<void> {
  const counted = async () => {
    const [row] = await sql`
      select (n_tup_ins + n_tup_upd + n_tup_del)::int as changes from pg_stat_user_tables
      where relname = 'candles_2024_01_08'`
    return row?.changes
  }
  await expect.poll(counted, { timeout: 20_000 }).toBe(changes)
}

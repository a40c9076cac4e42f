import { openScratchDatabase } from '@fullon/embedded'
import { clipSpans, type Series, type Span, timeframeMs, unionSpans } from '@fullon/market'
import postgres from 'postgres'
import { describe, expect } from 'vitest'
import { applyRetention, CandleRepository, OhlcvError, openOhlcv, TradeRepository, wantedSince } from '../src/index.js'
import { test as base } from './fixtures.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A database a test: retention is about all series. */
const test = base.extend('own', async ({ database: _ }, { onCleanup }) => {
  const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const db = await openOhlcv({ url: scratch.url })
  const sql = postgres(scratch.url, { max: 2, onnotice: () => {} })
  onCleanup(async () => {
    await db.close()
    await sql.end()
    await scratch.close()
  })
  const partitions = (table: string) => sql`select from pg_inherits where inhparent = ${`ohlcv.${table}`}::regclass`
  return { db, sql, url: scratch.url, partitions }
})

test('drops whole weeks and the rest of a week, with their coverage', async ({ own: { db, partitions } }) => {
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  const span = minutes(-30_000, 30_000)
  const rows = candles(-30_000, 30_000).filter((_, index) => index % 10 === 0)
  await repo.saveCandles({ rows, covered: span, confirmedUntil: minute(20_000) })
  expect(await partitions('candles')).toHaveLength(6)

  const now = minute(30_000)
  const keepMs = 25_000 * 60_000
  const kept = minutes(5_000 - 60, 30_000)
  const expected = rows.filter(({ timestamp }) => timestamp >= kept.since)
  expect(await applyRetention(db, { kind: 'candles', now, keepMs })).toEqual({ partitions: 3, rows: 494 })
  expect(await partitions('candles')).toHaveLength(3)
  expect(await repo.getCandles()).toEqual(expected)
  expect(await repo.coverage()).toMatchObject({ covered: [kept], confirmed: [minutes(5_000 - 60, 20_000)] })
  expect(await applyRetention(db, { kind: 'candles', now, keepMs })).toEqual({ partitions: 0, rows: 0 })
})

test('ends at once when it is told to, whatever it waits for, and has done nothing by half', async ({
  own: { db, sql },
}) => {
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  await repo.saveCandles({ rows: candles(0, 100), covered: minutes(0, 100) })
  const retention = { kind: 'candles', now: minute(150), keepMs: 60 * 60_000 } as const
  const stop = new AbortController()
  const waiting = () =>
    sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  await sql.begin(async (other) => {
    await other`select from ohlcv.coverage for update`
    const dropping = applyRetention(db, { ...retention, signal: stop.signal })
    await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(1)
    stop.abort()
    await expect(dropping).rejects.toThrow('told to stop')
  })
  expect(await repo.getCandles()).toEqual(candles(0, 100))
  expect((await applyRetention(db, retention)).rows).toBe(30)
})

test.for(['candles', 'trades'] as const)(
  '%s: kept for less long than wanted, nothing is asked for twice',
  async (kind, { own: { db } }) => {
    const timeframe = kind === 'candles' ? '1h' : undefined
    const repo = timeframe
      ? new CandleRepository(db, 'kraken', 'BTC/USD', timeframe)
      : new TradeRepository(db, 'kraken', 'BTC/USD')
    const [backtestMs, keepMs] = [60 * DAY_MS, 20 * DAY_MS]
    let asked: Span[] = []
    for (let day = 0; day < 80; day += 3.7) {
      const now = minute(day * 24 * 60)
      const until = timeframe ? Math.floor(now / HOUR_MS) * HOUR_MS : now
      const wanted = { since: wantedSince({ now, backtestMs, keepMs, timeframe }), until }
      for (const gap of await repo.gaps(wanted)) {
        expect(clipSpans(asked, gap)).toEqual([])
        asked = unionSpans(asked, [gap])
        await (repo instanceof TradeRepository
          ? repo.saveTrades({ rows: [], covered: gap })
          : repo.saveCandles({ rows: [], covered: gap }))
      }
      await applyRetention(db, { kind, now: now + 10_000, keepMs }) // another replica's clock is ahead
      expect(await repo.gaps(wanted)).toEqual([])
    }
    expect(asked).toHaveLength(1)
    const [covered] = (await repo.coverage()).covered
    expect(covered!.until - covered!.since).toBeLessThanOrEqual(keepMs + 2 * HOUR_MS)
  },
)

test('a series that is kept longer loses nothing', async ({ own: { db, partitions } }) => {
  const repos = ['BTC/USD', 'ETH/USD'].map((symbol) => new CandleRepository(db, 'kraken', symbol, '1m'))
  for (const repo of repos) await repo.saveCandles({ rows: [candle(-9), candle(0)], covered: minutes(-9, 1) })
  const keepMs = ({ symbol }: Series) => (symbol === 'ETH/USD' ? undefined : DAY_MS)
  const now = minute(0) + 60 * DAY_MS
  expect(await applyRetention(db, { kind: 'candles', now, keepMs })).toEqual({ partitions: 0, rows: 2 })
  expect(await repos[0]!.coverage()).toMatchObject({ covered: [] })
  expect(await repos[1]!.getCandles()).toHaveLength(2)
  expect((await repos[1]!.coverage()).covered).toEqual([minutes(-9, 1)])
  expect(await partitions('candles')).toHaveLength(2)
})

test('writers and retention at once lose nothing that is kept and never deadlock', async ({ own: { db } }) => {
  const trades = new TradeRepository(db, 'kraken', 'BTC/USD')
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  const weekMs = timeframeMs('1w')
  const done: Promise<unknown>[] = []
  for (let index = 0; index < 40; index++) {
    const since = minute(index)
    const covered = { since, until: since + 60_000 }
    const rows = [{ ...trade(0), timestamp: since, id: `${index}` }]
    done.push(trades.saveTrades({ rows, covered }, { build: { timeframe: '1m' } }))
    const old = { since: since - 5 * weekMs, until: since - 5 * weekMs + 60_000 }
    const refused = (error: { transient?: boolean }) => {
      if (!error.transient) throw error // its partition was dropped beneath it: as after any conflict, again later
    }
    done.push(repo.saveCandles({ rows: [], covered: old }).catch(refused))
    if (index % 4) continue
    for (const kind of ['candles', 'trades'] as const) {
      done.push(applyRetention(db, { kind, now: minute(0), keepMs: weekMs }).catch(refused))
    }
  }
  await Promise.all(done)
  expect(await trades.getTradesInRange(minutes(0, 40))).toHaveLength(40)
  expect(await repo.getCandles({ since: minute(0) })).toHaveLength(40)
})

test('a long read is not waited for, and nothing is dropped by half', async ({ own: { db, sql } }) => {
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  await repo.saveCandles({ rows: candles(-3, 3), covered: minutes(-3, 3) })
  const now = minute(0) + 60 * DAY_MS
  await sql.begin(async (reader) => {
    await reader`select from ohlcv.candles`
    const refused = applyRetention(db, { kind: 'candles', now, keepMs: DAY_MS })
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', transient: true })
  })
  expect(await repo.getCandles()).toHaveLength(6)
  expect(await applyRetention(db, { kind: 'candles', now, keepMs: DAY_MS })).toEqual({ partitions: 2, rows: 0 })
  expect(await repo.coverage()).toMatchObject({ covered: [] })
})

describe('a week that is about to be dropped while another process saves to it', () => {
  const now = minute(0) + 60 * DAY_MS
  const keepMs = ({ symbol }: Series) => (symbol === 'BTC/USD' ? DAY_MS : undefined)
  const kept = { exchange: 'kraken', symbol: 'KEPT/USD', timeframe: '1m' }

  test('stays for a series that is kept', async ({ own: { db, sql } }) => {
    await new CandleRepository(db, 'kraken', 'BTC/USD', '1m').saveCandles({
      rows: candles(-3, 0),
      covered: minutes(-3, 0),
    })
    const repo = new CandleRepository(db, 'kraken', kept.symbol, '1m')
    await repo.saveCandles({ rows: [candle(20_000)], covered: minutes(20_000, 20_001) })
    const apply = () => applyRetention(db, { kind: 'candles', now, keepMs })
    const { applying } = await sql.begin(async (other) => {
      await other`select from ohlcv.coverage for update`
      await copySeries(other)
      return beginWaiting(apply, sql)
    })
    const done = await applying
    // It waits for two seconds, which a busy machine may need.
    expect(done instanceof OhlcvError && done.code === 'CONFLICT' ? await apply() : done).toEqual({
      partitions: 0,
      rows: 3,
    })
    expect(await repo.getCandles()).toEqual([...candles(-3, 0), candle(20_000)])
  })

  test('stays for a series that is made', async ({ own: { db, sql } }) => {
    const old = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
    await old.saveCandles({ rows: candles(-3, 0), covered: minutes(-3, 0) })
    const apply = () => applyRetention(db, { kind: 'candles', now, keepMs })
    const { applying } = await sql.begin(async (other) => {
      await other`insert into ohlcv.series ${other(kept)}`
      await other`insert into ohlcv.coverage (series_id) select max(series_id) from ohlcv.series`
      await copySeries(other)
      return beginWaiting(apply, sql)
    })
    expect(await applying).toMatchObject({ code: 'CONFLICT', transient: true })
    expect(await old.getCandles()).toEqual(candles(-3, 0))
    expect(await apply()).toEqual({ partitions: 0, rows: 3 })
    expect(await new CandleRepository(db, 'kraken', kept.symbol, '1m').getCandles()).toEqual(candles(-3, 0))
  })

  /** What a save of the first series' page to the last one does, up to its commit. */
  async function copySeries(other: postgres.TransactionSql): Promise<void> {
    await other`
      insert into ohlcv.candles
      select (select max(series_id) from ohlcv.series), timestamp, open, high, low, close, volume
      from ohlcv.candles where series_id = (select min(series_id) from ohlcv.series)`
    await other`
      update ohlcv.coverage
      set covered = covered + (select covered from ohlcv.coverage order by series_id limit 1)
      where series_id = (select max(series_id) from ohlcv.series)`
  }
})

test('weeks that were dropped are not vouched for, also when the rest fails', async ({ own: { db, sql } }) => {
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  await repo.saveCandles({ rows: candles(-3, 3), covered: minutes(-3, 3) })
  await failOnDelete(sql, 'for each statement')
  const apply = () => applyRetention(db, { kind: 'candles', now: minute(2) + DAY_MS + HOUR_MS, keepMs: DAY_MS })
  await expect(apply()).rejects.toMatchObject({ code: 'UNKNOWN' })
  expect(await repo.getCandles()).toEqual(candles(0, 3))
  expect((await repo.coverage()).covered).toEqual([minutes(0, 3)])
  await sql`drop function fail() cascade`
  expect(await apply()).toEqual({ partitions: 0, rows: 2 })
})

test('goes on where it failed, week by week', async ({ own: { db, sql } }) => {
  const repos = ['BTC/USD', 'ETH/USD'].map((symbol) => new CandleRepository(db, 'kraken', symbol, '1h'))
  const weekMs = timeframeMs('1w')
  const rows = Array.from({ length: 5 }, (_, week) => ({ ...candle(0), timestamp: minute(0) + week * weekMs }))
  const covered = { since: minute(0), until: minute(0) + 5 * weekMs }
  for (const repo of repos) await repo.saveCandles({ rows, covered })
  const keepMs = ({ symbol }: Series) => (symbol === 'BTC/USD' ? DAY_MS : undefined)
  const apply = () => applyRetention(db, { kind: 'candles', now: covered.until + 2 * DAY_MS, keepMs })

  const row = `old.timestamp = '${new Date(rows[3]!.timestamp).toISOString()}'`
  await failOnDelete(sql, `for each row when (${row})`)
  await expect(apply()).rejects.toMatchObject({ code: 'UNKNOWN' })
  expect(await repos[0]!.getCandles()).toEqual(rows.slice(3))
  expect((await repos[0]!.coverage()).covered).toEqual([{ ...covered, since: rows[3]!.timestamp }])
  await sql`drop function fail() cascade`
  expect(await apply()).toEqual({ partitions: 0, rows: 2 })
  expect(await repos[0]!.coverage()).toMatchObject({ covered: [] })
  expect(await repos[1]!.getCandles()).toEqual(rows)
})

async function failOnDelete(sql: postgres.Sql, when: string): Promise<void> {
  await sql.unsafe(`
    create function fail() returns trigger language plpgsql as $$ begin raise exception 'made to fail'; end $$;
    create trigger fail before delete on ohlcv.candles ${when} execute function fail()`)
}

/** Begins, and gives what comes of it once it waits for somebody's lock. */
async function beginWaiting(begin: () => Promise<unknown>, sql: postgres.Sql): Promise<{ applying: Promise<unknown> }> {
  const applying = begin().catch((error) => error)
  const waiting = () => sql`
    select from pg_stat_activity
    where datname = current_database() and application_name = 'fullon-ohlcv' and wait_event_type = 'Lock'`
  await expect.poll(async () => (await waiting()).length, { timeout: 10_000 }).toBe(1)
  return { applying }
}

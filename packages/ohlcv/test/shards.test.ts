import { expect, onTestFinished, vi } from 'vitest'
import { openShards, type Shard, type ShardOptions, type Shards, shardOf } from '../src/index.js'
import { type TestDatabase, test } from './fixtures.js'
import { openSilentProxy } from './silent-proxy.js'

const WAIT = { timeout: 20_000, interval: 20 }

test('a series stays in its shard from version to version, and shards are of like size', () => {
  expect(shardOf({ exchange: 'kraken', symbol: 'BTC/USD' }, 8)).toBe(6)
  expect(shardOf({ exchange: 'binance', symbol: 'ÄTH/USDT:USDT', sandbox: true }, 8)).toBe(1)
  const candles = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const
  expect(shardOf(candles, 8)).toBe(shardOf({ exchange: 'kraken', symbol: 'BTC/USD' }, 8))
  const sizes = new Array<number>(8).fill(0)
  for (let index = 0; index < 800; index++) sizes[shardOf({ exchange: 'kraken', symbol: `C${index}/USD` }, 8)]!++
  expect(Math.min(...sizes)).toBeGreaterThan(60)
})

test('no two processes have a shard at once, and those that are given back are taken over', async ({ database }) => {
  const first = await open(database, { count: 4, max: 3 })
  await vi.waitFor(() => expect(first.shards.held).toEqual([0, 1, 2]), WAIT)
  const second = await open(database, { count: 4 })
  await vi.waitFor(() => expect(second.shards.held).toEqual([3]), WAIT)
  await first.shards.close()
  expect(first.taken.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
  await vi.waitFor(() => expect(second.shards.held).toEqual([0, 1, 2, 3]), WAIT)
  expect(second.taken.every(({ signal }) => !signal.aborted)).toBe(true)
  await expect(first.ended).resolves.toBeUndefined()
})

test('a lost connection stops its shards at once, and a standby takes them', async ({ database }) => {
  const active = await open(database, { count: 3 })
  await vi.waitFor(() => expect(active.taken).toHaveLength(3), WAIT)
  const standby = await open(database, { count: 3 })
  await database.sql`
    select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and application_name = 'fullon-ohlcv-shards' and datname = current_database()`
  await expect(active.ended).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
  expect(active.taken.map(({ signal }) => signal.reason?.code)).toEqual(Array(3).fill('UNAVAILABLE'))
  expect(active.shards.held).toEqual([])
  await vi.waitFor(() => expect(standby.shards.held).toEqual([0, 1, 2]), WAIT)
})

test('a connection that is silent is lost, too', async ({ database }) => {
  const proxy = await openSilentProxy(database.url)
  const cut = await open({ ...database, url: proxy.url }, { count: 2, lookEveryMs: 200 })
  await vi.waitFor(() => expect(cut.taken).toHaveLength(2), WAIT)
  proxy.silence(true)
  await expect(cut.ended).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(cut.taken.every(({ signal }) => signal.aborted)).toBe(true)
})

test('processes that divide by another count do not keep series from each other', async ({ database }) => {
  const old = await open(database, { count: 2 })
  const next = await open(database, { count: 3 })
  await vi.waitFor(
    () =>
      expect([old.shards.held, next.shards.held]).toEqual([
        [0, 1],
        [0, 1, 2],
      ]),
    WAIT,
  )
})

test('says what is wrong at the door', async ({ database: { url } }) => {
  await expect(openShards({ url, count: 0 })).rejects.toThrow(/openShards count: expected 1 to 1024, got 0/)
  await expect(openShards({ url: 'postgres://nobody@127.0.0.1:1/none', count: 1 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  })
})

interface Holder {
  readonly shards: Shards
  readonly taken: Shard[]
  readonly ended: Promise<void>
}

async function open({ url }: Pick<TestDatabase, 'url'>, options: Omit<ShardOptions, 'url'>): Promise<Holder> {
  const shards = await openShards({ url, lookEveryMs: 1_000, ...options })
  const taken: Shard[] = []
  const ended = (async () => {
    for await (const shard of shards) taken.push(shard)
  })()
  ended.catch(() => {})
  onTestFinished(() => shards.close())
  return { shards, taken, ended }
}

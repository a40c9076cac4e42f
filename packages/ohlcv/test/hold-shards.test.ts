import { type Clock, systemClock } from '@fullon/market'
import { expect, onTestFinished, vi } from 'vitest'
import { holdShards } from '../src/index.js'
import { type TestDatabase, test } from './fixtures.js'

const WAIT = { timeout: 20_000, interval: 10 }
/** The wait after a loss is over in milliseconds. */
const clock: Clock = { now: Date.now, sleep: (delayMs, options) => systemClock.sleep(delayMs / 100, options) }

/** A process that holds shards until the test ends; `held` is what it was told, one after the other. */
function start({ url }: TestDatabase, { count = 3, onHeld = async () => {}, max = count }: Partial<Holder> = {}) {
  const told: (readonly number[])[] = []
  const warnings: object[] = []
  const stop = new AbortController()
  const ended = holdShards({
    url,
    ...{ count, max, clock, signal: stop.signal, lookEveryMs: 100 },
    onHeld: (held) => {
      told.push(held)
      return onHeld(held)
    },
    logger: { debug: () => {}, info: () => {}, warn: (fields) => warnings.push(fields) },
  })
  ended.catch(() => {})
  onTestFinished(async () => {
    stop.abort()
    await ended.catch(() => {})
  })
  return { told, warnings, stop, ended, held: () => told.at(-1) ?? [] }
}

interface Holder {
  readonly count: number
  readonly max: number
  readonly onHeld: (held: readonly number[]) => Promise<void>
}

/** Ends the connection of the process that holds the shards. */
async function terminate({ sql }: TestDatabase): Promise<void> {
  await sql`
    select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and application_name = 'fullon-ohlcv-shards'
      and datname = current_database()`
}

test('tells of every shard that it takes', async ({ database }) => {
  const holder = start(database, { max: 2 })
  await vi.waitFor(() => expect(holder.held()).toEqual([0, 1]), WAIT)
  holder.stop.abort()
  await holder.ended
  expect(holder.held()).toEqual([])
})

test('tells at once of a lost connection, and takes none again before what ran for them has ended', async ({
  database,
}) => {
  let mayEnd = () => {}
  const ending = new Promise<void>((resolve) => {
    mayEnd = resolve
  })
  const onHeld = async (held: readonly number[]) => {
    if (held.length === 0) await ending
  }
  const holder = start(database, { onHeld })
  await vi.waitFor(() => expect(holder.held()).toEqual([0, 1, 2]), WAIT)
  await terminate(database)
  await vi.waitFor(() => expect(holder.held()).toEqual([]), WAIT)
  const other = start(database)
  await vi.waitFor(() => expect(other.held()).toEqual([0, 1, 2]), WAIT) // the server has freed them
  other.stop.abort()
  await other.ended
  await new Promise((resolve) => setTimeout(resolve, 300)) // several times the wait after a loss
  expect(holder.held()).toEqual([])
  mayEnd()
  await vi.waitFor(() => expect(holder.held()).toEqual([0, 1, 2]), WAIT)
  expect(holder.warnings).toEqual([expect.objectContaining({ err: expect.objectContaining({ code: 'UNAVAILABLE' }) })])
})

test('gives its shards to another only after what ran for them has ended', async ({ database }) => {
  const events: string[] = []
  const first = start(database, {
    count: 1,
    onHeld: async (held) => {
      if (held.length > 0) return
      await new Promise((resolve) => setTimeout(resolve, 300)) // several looks of the other
      events.push('ended')
    },
  })
  await vi.waitFor(() => expect(first.held()).toEqual([0]), WAIT)
  const second = start(database, {
    count: 1,
    onHeld: async (held) => {
      if (held.length > 0) events.push('taken over')
    },
  })
  first.stop.abort()
  await first.ended
  await vi.waitFor(() => expect(second.held()).toEqual([0]), WAIT)
  expect(events).toEqual(['ended', 'taken over'])
})

test('keeps trying while the database is not there', async ({ database }) => {
  const holder = start({ ...database, url: 'postgres://nobody@127.0.0.1:1/none' })
  await vi.waitFor(() => expect(holder.warnings.length).toBeGreaterThan(1), WAIT)
  holder.stop.abort()
  await holder.ended
  expect(holder.told).toEqual([])
})

test('fails with what failed in the process, and gives the shards back', async ({ database }) => {
  const bug = new TypeError('not a function')
  const failing = start(database, { onHeld: () => Promise.reject(bug) })
  await expect(failing.ended).rejects.toBe(bug)
  const next = start(database)
  await vi.waitFor(() => expect(next.held()).toEqual([0, 1, 2]), WAIT)
})

test('fails when it cannot end what ran for lost shards', async ({ database }) => {
  const bug = new TypeError('not a function')
  const failing = start(database, {
    onHeld: async (held) => {
      if (held.length === 0) throw bug
    },
  })
  await vi.waitFor(() => expect(failing.held()).toEqual([0, 1, 2]), WAIT)
  await terminate(database)
  await expect(failing.ended).rejects.toBe(bug)
})

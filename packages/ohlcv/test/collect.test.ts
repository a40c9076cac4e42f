import type { Candle, Page } from '@fullon/market'
import { expect, vi } from 'vitest'
import { CandleRepository, newSeriesStatus, shareLive } from '../src/index.js'
import { live, NOW, published, start, untilAborted, WAIT } from './collection.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes } from './rows.js'

test('fills history while it follows the present, and counts what it did', async ({ database, symbol }) => {
  const { candleRepo, status, give } = start(database, symbol)
  await vi.waitFor(() => expect(status.liveSince).toBe(minute(NOW)), WAIT)
  give(live(NOW))
  await vi.waitFor(() => expect(status).toMatchObject({ state: 'idle', rows: NOW + 1, gaps: 0 }), WAIT)
  expect(await candleRepo.getCandles()).toEqual([...candles(0, NOW), candle(NOW, 107)])
  expect(await candleRepo.gaps({ ...minutes(0, NOW - 10), strength: 'confirmed' })).toEqual([])
  expect(status).toMatchObject({ corrected: 0, deleted: 0, lastTimestamp: minute(NOW), freshAt: minute(NOW) })
  expect(status.saves).toBeGreaterThanOrEqual(2)
  expect(status.saveMs).toBeGreaterThan(0)
})

test('says which stored rows were not right', async ({ database, symbol }) => {
  const wrong = new CandleRepository(database.db, 'kraken', symbol, '1m')
  await wrong.saveCandles({ rows: candles(0, NOW, 90), covered: minutes(0, NOW) })
  const { candleRepo, status, infos } = start(database, symbol)
  await vi.waitFor(() => expect(status).toMatchObject({ state: 'idle', corrected: NOW - 10 }), WAIT)
  expect(await candleRepo.getCandles(minutes(0, NOW - 10))).toEqual(candles(0, NOW - 10))
  expect(infos).toContainEqual(expect.objectContaining({ corrected: NOW - 10, deleted: 0 }))
})

test('is as fresh as the moment of a break, until a subscription stands again', async ({ database, symbol }) => {
  const err = new Error('dropped')
  const { status, give, pass, warnings } = start(database, symbol, {
    next: async () => [minutes(NOW - 1, NOW)],
    fetch: () => Promise.reject(new Error('no answer')),
  })
  await vi.waitFor(() => expect(status).toMatchObject({ state: 'cooling', liveSince: minute(NOW) }), WAIT)
  expect(status.freshAt).toBeUndefined()
  pass(30_000)
  give(err)
  await vi.waitFor(() => expect(warnings).toContainEqual(expect.objectContaining({ err })), WAIT)
  await vi.waitFor(() => expect(status.liveSince).toBe(minute(NOW) + 30_000), WAIT)
  expect(status.freshAt).toBe(minute(NOW) + 30_000)
})

test('a subscription alone does not keep up while the store is away', async ({ database, symbol }) => {
  let isAway = false
  const store = new CandleRepository(database.db, 'kraken', symbol, '1m')
  const away = async () => {
    if (isAway) throw new Error('the store is away')
  }
  const { status, give, pass, warnings, subscriptions } = start(database, symbol, {
    next: async () => [],
    save: async (page) => {
      await away()
      return store.saveCandles(page)
    },
  })
  await vi.waitFor(() => expect(status).toMatchObject({ state: 'idle', liveSince: minute(NOW) }), WAIT)
  isAway = true
  give(live(NOW))
  await vi.waitFor(() => expect([warnings.length, subscriptions()]).toEqual([1, 2]), WAIT)
  pass(600_000)
  give(live(NOW + 1))
  await vi.waitFor(() => expect([warnings.length, subscriptions()]).toEqual([2, 3]), WAIT)
  expect(status.liveSince).toBeUndefined()
  isAway = false
  give(live(NOW + 2))
  await vi.waitFor(() => expect(status.liveSince).toBe(minute(NOW) + 600_000), WAIT)
})

test('keeps up with the present while history is filled, subscription or not', async ({ database, symbol }) => {
  let asked = 0
  const { status, pass } = start(database, symbol, {
    watch: undefined,
    next: async () => {
      pass(300_000)
      return [...(asked === 0 ? [minutes(50, 10_000)] : []), minutes(0, 10)]
    },
    horizon: () => minute(10_000),
    fetch: async (gap, signal) => {
      asked++
      if (gap.since === minute(0)) await untilAborted(signal) // years of it
      return { rows: [], covered: gap }
    },
  })
  await vi.waitFor(() => expect(asked).toBe(2), WAIT)
  expect(status.state).toBe('filling')
  expect(status.freshAt).toBe(minute(NOW) + 600_000) // once the newest part was there
})

test('shows why its subscription does not stand, whatever its pages bring', async ({ database, symbol }) => {
  let refusals = 0
  const { status } = start(database, symbol, {
    // biome-ignore lint/correctness/useYield: it is refused
    watch: async function* () {
      refusals++
      throw new Error('refused')
    },
    next: async () => [minutes(refusals, refusals + 1)],
  })
  await vi.waitFor(() => expect(refusals).toBeGreaterThan(2), WAIT)
  await vi.waitFor(() => expect(status.saves).toBeGreaterThan(2), WAIT)
  expect(status.error).toBe('Error: refused')
})

test('shows the error of a gap until all is well', async ({ database, symbol }) => {
  let attempts = 0
  const { status } = start(database, symbol, {
    watch: undefined,
    next: async () => (attempts < 2 ? [minutes(2 * attempts, 2 * attempts + 1)] : []),
    fetch: async (gap) => {
      if (++attempts === 1) throw new Error('no answer')
      expect(status.error).toBe('Error: no answer')
      return { rows: [], covered: gap }
    },
  })
  await vi.waitFor(() => expect(status).toMatchObject({ state: 'idle', saves: 1 }), WAIT)
  expect(status.error).toBeUndefined()
})

test.for<[string, Page<Candle>, number]>([
  ['brought nothing', { rows: [] }, 1],
  ['ends where the gap begins', { rows: [], covered: minutes(-5, 5) }, 1],
  ['proved that there is nothing to be had', { rows: [], unavailable: { ...minutes(5, 6), reason: 'too old' } }, 3],
])('a page that %s is asked for again only if there is hope', async ([, page, times], { database, symbol }) => {
  let asked = 0
  const { status } = start(database, symbol, {
    watch: undefined,
    next: async () => (asked < 3 ? [minutes(5 + asked, 10)] : []), // shorter by what was proved
    fetch: async () => {
      asked++
      return page
    },
  })
  await vi.waitFor(() => expect(status.state).toBe(times === 1 ? 'cooling' : 'idle'), WAIT)
  expect(asked).toBe(times)
})

test('an error of a gap is over with the next page, however much is left', async ({ database, symbol }) => {
  let asked = 0
  const { status } = start(database, symbol, {
    watch: undefined,
    next: async () => [minutes(asked, asked + 1), minutes(-9, -8)],
    fetch: async (gap, signal) => {
      if (++asked === 1) throw new Error('no answer')
      if (asked > 3) await untilAborted(signal)
      return { rows: [], covered: gap }
    },
  })
  await vi.waitFor(() => expect(asked).toBe(4), WAIT)
  expect(status.error).toBeUndefined()
})

test('candles are as live as the trades they are built from', async ({ database: { db }, symbol }) => {
  const candleStatus = newSeriesStatus(new CandleRepository(db, 'kraken', symbol, '1m').series, 0)
  const tradeStatus = newSeriesStatus({ exchange: 'kraken', symbol }, 0)
  shareLive(candleStatus, tradeStatus)
  tradeStatus.liveSince = 5
  expect({ ...candleStatus }).toMatchObject({ kind: 'candles', liveSince: 5 })
  delete tradeStatus.liveSince
  expect(candleStatus.liveSince).toBeUndefined()
})

test('ends with its signal and says so', async ({ database, symbol }) => {
  const { status, stop, ended } = start(database, symbol)
  await vi.waitFor(() => expect(status.liveSince).toBeDefined(), WAIT)
  stop.abort()
  await ended
  expect(status).toMatchObject({ state: 'stopped' })
  expect(status.liveSince).toBeUndefined()
})

for (const [passedMs, questions] of [
  [100, 2],
  [1_000, 11],
] as const) {
  test(`asks what is most urgent after a second of pages: ${passedMs} ms each`, async ({ database, symbol }) => {
    let [asked, fetched] = [0, 0]
    const isOpen = () => fetched < 10
    const { status, candleRepo, pass } = start(database, symbol, {
      watch: undefined,
      next: async () => {
        asked++
        return isOpen() ? [minutes(0, NOW - 10 * fetched)] : []
      },
      fetch: async ({ since, until }) => {
        fetched++
        pass(passedMs)
        const covered = { since: Math.max(since, until - 10 * 60_000), until }
        return { rows: published(covered), covered }
      },
    })
    await vi.waitFor(() => expect(status).toMatchObject({ state: 'idle', rows: NOW }), WAIT)
    expect({ asked, fetched }).toEqual({ asked: questions, fetched: 10 })
    expect(await candleRepo.getCandles()).toEqual(candles(0, NOW))
  })
}

import { expect, vi } from 'vitest'
import { live, NOW, start, WAIT } from './collection.js'
import { test } from './fixtures.js'
import { candle, minute } from './rows.js'

test('what cannot be published is stored all the same', async ({ database, symbol }) => {
  const err = new Error('the cache is away')
  const { candleRepo, status, give, warnings } = start(database, symbol, {
    next: async () => [],
    onStored: () => Promise.reject(err),
  })
  await vi.waitFor(() => expect(status.liveSince).toBeDefined(), WAIT)
  give(live(NOW))
  await vi.waitFor(async () => expect(await candleRepo.getCandles()).toEqual([candle(NOW, 107)]), WAIT)
  expect(warnings).toContainEqual({ err })
  expect(status.liveSince).toBeDefined()
})

test('a cache that does not answer holds up no storing; what waits for it is bounded, and the newest', async ({
  database,
  symbol,
}) => {
  let answer = () => {}
  const published: (number | undefined)[] = []
  const { candleRepo, status, give } = start(database, symbol, {
    next: async () => [],
    onStored: async (batch) => {
      published.push(batch?.rows[0]?.timestamp)
      if (published.length < 3) await new Promise<void>((resolve) => (answer = resolve))
    },
  })
  await vi.waitFor(() => expect(published).toHaveLength(1), WAIT)
  for (let index = 0; index < 40; index++) give(live(index))
  await vi.waitFor(async () => expect(await candleRepo.getCandles()).toHaveLength(40), WAIT)
  expect([status.liveSince, published.length]).toEqual([minute(NOW), 1])
  answer()
  await vi.waitFor(() => expect(published).toHaveLength(2), WAIT)
  answer()
  await vi.waitFor(() => expect(published).toHaveLength(17), WAIT)
  expect(published.slice(1)).toEqual(Array.from({ length: 16 }, (_, index) => minute(24 + index)))
})

test('warns of a cache that is away once, and again when it goes again', async ({ database, symbol }) => {
  let isAway = true
  let asked = 0
  const { status, give, pass, warnings } = start(database, symbol, {
    next: async () => [],
    onStored: async () => {
      asked++
      if (isAway) throw new Error('the cache is away')
    },
  })
  await vi.waitFor(() => expect(status.liveSince).toBeDefined(), WAIT)
  const tell = async (times: number) => {
    for (let index = 0; index < times; index++) give(live(asked))
    await vi.waitFor(() => expect(asked).toBe(seen + times), WAIT)
    seen += times
  }
  let seen = 1
  await tell(5)
  expect(warnings).toHaveLength(1)
  isAway = false
  await tell(1)
  pass(60_000)
  isAway = true
  await tell(5)
  expect(warnings).toHaveLength(2)
})

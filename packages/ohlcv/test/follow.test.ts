import type { Clock } from '@fullon/market'
import { expect, it } from 'vitest'
import { follow } from '../src/index.js'

/** Time passes only in sleeps, which are noted. */
function sleepingClock(slept: number[]): Clock {
  let now = 0
  return {
    now: () => now,
    async sleep(delayMs, { signal } = {}) {
      signal?.throwIfAborted()
      slept.push(delayMs)
      now += delayMs
    },
  }
}

async function* batches(...items: number[]) {
  yield* items
  throw new Error('dropped')
}

it('subscribes again after every break, further and further apart, and tells of each', async () => {
  const [slept, saved, breaks]: [number[], number[], unknown[]] = [[], [], []]
  const stop = new AbortController()
  await follow({
    clock: sleepingClock(slept),
    random: () => 0.5,
    signal: stop.signal,
    watch: () => batches(saved.length),
    save: async (batch) => {
      saved.push(batch)
      if (saved.length === 9) stop.abort()
    },
    onBreak: (error) => breaks.push(error),
  })
  expect(saved).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(breaks).toHaveLength(9)
  expect(slept).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

it('starts over with short pauses after a subscription that held for a minute', async () => {
  const slept: number[] = []
  const clock = sleepingClock(slept)
  const stop = new AbortController()
  let round = 0
  await follow({
    clock,
    random: () => 0.5,
    signal: stop.signal,
    watch: () => batches(++round),
    save: async () => {
      if (round === 4) await clock.sleep(60_001)
      if (round === 6) stop.abort()
    },
  })
  expect(slept).toEqual([500, 1000, 2000, 60_001, 500, 1000])
})

it('ends the subscription when a batch cannot be stored, so that the hole is a gap', async () => {
  const stop = new AbortController()
  const breaks: unknown[] = []
  await follow({
    clock: sleepingClock([]),
    random: () => 0,
    signal: stop.signal,
    watch: () => batches(1, 2),
    save: async (batch) => {
      if (batch === 2) stop.abort()
      if (breaks.length === 0) throw new Error('the store is away')
    },
    onBreak: (error) => breaks.push(String(error)),
  })
  expect(breaks).toEqual(['Error: the store is away', 'Error: dropped'])
})

it('takes the end of a stream for a break: it waits before it subscribes again', async () => {
  const [slept, breaks]: [number[], unknown[]] = [[], []]
  const stop = new AbortController()
  let subscribed = 0
  await follow({
    clock: sleepingClock(slept),
    random: () => 0.5,
    signal: stop.signal,
    async *watch() {
      yield ++subscribed
    },
    save: async () => {
      if (subscribed === 3) stop.abort()
    },
    onBreak: (error) => breaks.push(error),
  })
  expect(slept).toEqual([500, 1000])
  expect(breaks).toHaveLength(3)
})

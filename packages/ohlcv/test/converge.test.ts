import type { Clock, Span } from '@fullon/market'
import { expect, test } from 'vitest'
import { type ConvergeState, converge } from '../src/index.js'
import { minute, minutes } from './rows.js'

/** Time passes only in sleeps, and is over at `end`. */
function sleepingClock(end: number) {
  let now = 0
  const stop = new AbortController()
  const clock: Clock = {
    now: () => now,
    async sleep(delayMs) {
      now += delayMs
      if (now < end) return
      stop.abort()
      throw stop.signal.reason
    },
  }
  return { clock, signal: stop.signal, pass: (delayMs: number) => clock.sleep(delayMs).catch(() => {}) }
}

test('fills what is missing, in order, and is idle once nothing is', async () => {
  const { clock, signal } = sleepingClock(60_000)
  const gaps = [minutes(3, 4), minutes(0, 1)]
  const filled: Span[] = []
  const states: [ConvergeState, number][] = []
  await converge({
    clock,
    signal,
    next: async () => gaps,
    fill: async () => filled.push(gaps.shift()!) > 0,
    onState: (state, left) => states.push([state, left]),
  })
  expect(filled).toEqual([minutes(3, 4), minutes(0, 1)])
  expect(states.slice(0, 3)).toEqual([
    ['filling', 2],
    ['filling', 1],
    ['idle', 0],
  ])
})

test.for([
  ['fails', new Error('exchange is down')],
  ['makes no progress', undefined],
] as const)('a gap that %s waits a minute while others go on', async ([, expected]) => {
  const { clock, signal, pass } = sleepingClock(170_000)
  const bad = minutes(5, 6)
  const open = [bad, ...Array.from({ length: 30 }, (_, index) => minutes(-2 * index, -2 * index + 1))]
  const tried: number[] = []
  const errors: unknown[] = []
  const states = new Set<ConvergeState>()
  await converge({
    clock,
    signal,
    next: async () => open,
    fill: async (gap) => {
      await pass(1_000)
      if (gap !== bad) return open.splice(open.indexOf(gap), 1).length > 0
      tried.push(clock.now())
      if (expected) throw expected
      return false
    },
    onState: (state) => states.add(state),
    onError: (error) => errors.push(error),
  })
  expect(open).toEqual([bad])
  expect(tried).toEqual([1_000, 62_000, 123_000])
  expect(states).toEqual(new Set(['filling', 'cooling']))
  expect(errors).toEqual(expected === undefined ? [] : Array(3).fill(expected))
})

test('a failed gap whose end moves with the present, or whose start moves with the backtest, is still the same', async () => {
  const { clock, signal, pass } = sleepingClock(50_000)
  let asked = 0
  const tried: Span[] = []
  await converge({
    clock,
    signal,
    next: async () => {
      await pass(1_000)
      asked++
      return [
        { since: minute(10), until: minute(20) + asked },
        { since: minute(0) + asked, until: minute(5) },
      ]
    },
    fill: async (gap) => tried.push(gap) < 0,
  })
  expect(asked).toBeGreaterThan(3)
  expect(tried.map(({ since }) => since)).toEqual([minute(10), minute(0) + 2])
})

test('a ban holds for every gap: none is tried before it is over', async () => {
  const { clock, signal } = sleepingClock(400_000)
  const open = Array.from({ length: 30 }, (_, index) => minutes(-2 * index, -2 * index + 1))
  const states: ConvergeState[] = []
  const tried: number[] = []
  await converge({
    clock,
    signal,
    next: async () => open,
    fill: async (gap) => {
      tried.push(clock.now())
      if (clock.now() < 300_000) throw Object.assign(new Error('banned'), { retryAfterMs: 300_000 - clock.now() })
      return open.splice(open.indexOf(gap), 1).length > 0
    },
    onState: (state) => states.push(state),
  })
  expect(open).toEqual([])
  expect(tried).toEqual([0, ...Array(30).fill(300_000)])
  expect(states.slice(0, 3)).toEqual(['filling', 'cooling', 'filling'])
})

test('a gap that stays as it was though it was filled waits while others go on', async () => {
  const { clock, signal, pass } = sleepingClock(100_000)
  const bad = minutes(5, 6)
  const open = [bad, minutes(0, 1), minutes(-5, -4)]
  const tried: number[] = []
  await converge({
    clock,
    signal,
    next: async () => open,
    fill: async (gap) => {
      await pass(1_000)
      if (gap === bad) tried.push(clock.now())
      else open.splice(open.indexOf(gap), 1)
      return true
    },
  })
  expect(open).toEqual([bad])
  expect(tried.length).toBeLessThanOrEqual(2)
})

test('goes on when the store is away, and says so', async () => {
  const { clock, signal } = sleepingClock(100_000)
  const warnings: object[] = []
  let asked = 0
  let filled = 0
  await converge({
    clock,
    signal,
    next: async () => {
      asked++
      if (asked < 4) throw new Error('database is away')
      return asked === 4 ? [minutes(0, 1)] : []
    },
    fill: async () => ++filled > 0,
    logger: { debug: () => {}, warn: (fields) => warnings.push(fields) },
  })
  expect(filled).toBe(1)
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toMatchObject({ delayMs: 15_000, err: new Error('database is away') })
})

test('a present that opens a gap with every page does not keep history and audits waiting for ever', async () => {
  const { clock, signal, pass } = sleepingClock(20 * 60_000)
  const waiting = [minutes(-20, -10), minutes(-40, -30)]
  let done = 0
  await converge({
    clock,
    signal,
    next: async () => [{ since: done, until: clock.now() + 60_000 }, ...waiting],
    fill: async (gap) => {
      await pass(60_000)
      if (waiting.includes(gap)) waiting.splice(waiting.indexOf(gap), 1)
      else done = gap.until
      return true
    },
  })
  expect(waiting).toEqual([])
  expect(done).toBeGreaterThan(17 * 60_000)
})

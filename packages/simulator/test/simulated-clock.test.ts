import { expect, test } from 'vitest'
import { createSimulatedClock } from '../src/index.js'

const START = Date.parse('2026-01-01T00:00:00Z')

test('a minute passes in a real quarter of a second at 240 times the speed', async () => {
  const clock = createSimulatedClock({ start: START, speed: 240 })
  const real = performance.now()
  await clock.sleep(60_000)
  expect(clock.now()).toBeGreaterThanOrEqual(START + 60_000)
  expect(performance.now() - real).toBeGreaterThanOrEqual(250)
  expect(Number.isInteger(clock.now())).toBe(true)
})

test('nobody who slept wakes before the time, even in a process that was too busy to see it pass', async () => {
  const clock = createSimulatedClock({ start: START, speed: 1000 })
  for (let delayMs = 0; delayMs < 20_000; delayMs += 1999) {
    // Node starts a timer at the time it last looked, so that after such a loop it fires early.
    const spun = performance.now() + 15
    while (performance.now() < spun);
    const until = clock.now() + delayMs
    await clock.sleep(delayMs)
    expect(clock.now()).toBeGreaterThanOrEqual(until)
  }
})

test('an abort ends a sleep at once, with its reason', async () => {
  const clock = createSimulatedClock({ start: START, speed: 1 })
  const reason = new Error('enough')
  await expect(clock.sleep(1e12, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const controller = new AbortController()
  const slept = clock.sleep(1e12, { signal: controller.signal })
  controller.abort(reason)
  await expect(slept).rejects.toBe(reason)
})

test('refuses to stand still or to run backwards', () => {
  for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => createSimulatedClock({ start: START, speed })).toThrow(RangeError)
  }
})

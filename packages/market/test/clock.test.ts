import { getEventListeners } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from '../src/index.js'

const HOUR_MS = 3_600_000

afterEach(() => {
  vi.useRealTimers()
})

it('keeps no timer and no listener after an abort, so the process can end', async () => {
  const [controller, timersBefore] = [new AbortController(), timers()]
  const sleep = systemClock.sleep(HOUR_MS, { signal: controller.signal })
  expect(timers()).toBe(timersBefore + 1)
  const reason = new Error('shutting down')
  controller.abort(reason)
  await expect(sleep).rejects.toBe(reason)
  expect(timers()).toBe(timersBefore)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

it('keeps no listener after a sleep that ended, so a long-lived signal does not fill up', async () => {
  const { signal } = new AbortController()
  for (let turn = 0; turn < 20; turn++) await systemClock.sleep(0, { signal })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('does not start to sleep on a signal that is aborted already', async () => {
  const timersBefore = timers()
  await expect(systemClock.sleep(HOUR_MS, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  expect(timers()).toBe(timersBefore)
})

// Node takes a longer delay than 2^31 - 1 ms as 1 ms: a wait of a month would be a busy loop.
it('sleeps as long as it was asked to, beyond the 24.8 days of a Node timer', async () => {
  vi.useFakeTimers()
  let over = false
  const sleep = systemClock.sleep(1_000 * HOUR_MS).then(() => {
    over = true
  })
  await vi.advanceTimersByTimeAsync(1_000 * HOUR_MS - 1)
  expect(over).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await sleep
})

it('aborts in the second stretch of such a sleep', async () => {
  vi.useFakeTimers()
  const controller = new AbortController()
  const sleep = systemClock.sleep(1_000 * HOUR_MS, { signal: controller.signal })
  await vi.advanceTimersByTimeAsync(900 * HOUR_MS)
  controller.abort('gone')
  await expect(sleep).rejects.toBe('gone')
  expect(vi.getTimerCount()).toBe(0)
})

it('refuses a delay that is not a number, which would be a busy loop', async () => {
  await expect(systemClock.sleep(Number.NaN)).rejects.toThrow('sleep: expected milliseconds, got NaN')
})

it('tells the time of the machine', () => {
  const before = Date.now()
  expect(systemClock.now()).toBeGreaterThanOrEqual(before)
  expect(systemClock.now()).toBeLessThanOrEqual(Date.now())
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

import { expect, test } from 'vitest'
import { ServerClock } from '../src/server-clock.js'
import { createHandClock } from './hand-clock.js'

const NOON = Date.UTC(2026, 0, 8, 12)

test("an answer's time is the exchange's, however wrong our clock is and whatever it jumps to", () => {
  const clock = createHandClock(NOON)
  const server = new ServerClock(clock)
  const dateAt = (timestamp: number) => ({ date: new Date(timestamp).toUTCString() })
  expect(server.observe(dateAt(NOON - 10_000))).toBe(NOON - 10_000)
  clock.moveTo(NOON + 5_000)
  expect(server.now()).toBe(NOON - 5_000)
  clock.moveTo(NOON + 900_000) // set fifteen minutes ahead
  expect(server.observe(dateAt(NOON))).toBe(NOON)
  expect(server.observe({ date: 'no date' })).toBe(NOON)
})

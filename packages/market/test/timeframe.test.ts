import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  ceilToTimeframe,
  floorToTimeframe,
  isTimeframe,
  normalizeSpans,
  parseTimeframe,
  subtractSpans,
  TIMEFRAMES,
  timeframeMs,
  wholeIntervals,
} from '../src/index.js'

const DAY_MS = 86_400_000
const anyTimeframe = fc.constantFrom(...TIMEFRAMES)
const anyTime = fc.integer({ min: -10_000 * DAY_MS, max: 40_000 * DAY_MS }) // 1942 to 2079

it('puts every moment, before 1970 too, into the one interval that holds it', () => {
  fc.assert(
    fc.property(anyTime, anyTimeframe, (timestamp, timeframe) => {
      const open = floorToTimeframe(timestamp, timeframe)
      expect(open).toBeLessThanOrEqual(timestamp)
      expect(open + timeframeMs(timeframe)).toBeGreaterThan(timestamp)
      expect(floorToTimeframe(open, timeframe)).toBe(open)
      expect(floorToTimeframe(open - 1, timeframe)).toBe(open - timeframeMs(timeframe))
      expect(ceilToTimeframe(open, timeframe)).toBe(open)
      expect(ceilToTimeframe(open + 1, timeframe)).toBe(open + timeframeMs(timeframe))
    }),
    { numRuns: 1_000 },
  )
})

it('starts weeks on Monday, UTC', () => {
  fc.assert(
    fc.property(anyTime, (time) => {
      expect(new Date(floorToTimeframe(time, '1w')).getUTCDay()).toBe(1)
    }),
  )
  expect(open('2024-01-03T12:00:00Z', '1w')).toBe('2024-01-01T00:00:00.000Z')
  expect(open('2023-12-31T23:59:59.999Z', '1w')).toBe('2023-12-25T00:00:00.000Z')
  expect(open('1970-01-01T00:00:00Z', '1w')).toBe('1969-12-29T00:00:00.000Z')
})

it('starts everything up to a day with the UTC day', () => {
  const upToDay = TIMEFRAMES.filter((timeframe) => timeframeMs(timeframe) <= DAY_MS)
  fc.assert(
    fc.property(anyTime, fc.constantFrom(...upToDay), (time, timeframe) => {
      const midnight = new Date(time).setUTCHours(0, 0, 0, 0)
      expect((floorToTimeframe(time, timeframe) - midnight) % timeframeMs(timeframe)).toBe(0)
    }),
  )
})

it('counts three days from 1970-01-01', () => {
  expect(open('1970-01-03T23:59:00Z', '3d')).toBe('1970-01-01T00:00:00.000Z')
  expect(open('1970-01-04T00:00:00Z', '3d')).toBe('1970-01-04T00:00:00.000Z')
  expect(open('1969-12-31T00:00:00Z', '3d')).toBe('1969-12-29T00:00:00.000Z')
})

it('keeps every whole interval of a coverage and nothing else', () => {
  const span = fc.record({ since: fc.integer({ min: -300, max: 300 }), until: fc.integer({ min: -300, max: 300 }) })
  const seconds = fc
    .array(span)
    .map((spans) => spans.map(({ since, until }) => ({ since: since * 1_000, until: until * 1_000 })))
  const minutes = Array.from({ length: 10 }, (_, index) => (index - 5) * 60_000)
  fc.assert(
    fc.property(seconds, (spans) => {
      const whole = wholeIntervals(spans, '1m')
      const expected = minutes
        .map((since) => ({ since, until: since + 60_000 }))
        .filter((minute) => subtractSpans([minute], spans).length === 0)
      expect(whole).toEqual(normalizeSpans(expected))
    }),
  )
})

it('finds the interval that two touching spans hold together', () => {
  const halves = [
    { since: 30_000, until: 60_000 },
    { since: 0, until: 30_000 },
  ]
  expect(wholeIntervals(halves, '1m')).toEqual([{ since: 0, until: 60_000 }])
})

it.each(['', '1', '1M', '60', '2m', '1 m', 'toString', '__proto__'])(
  'refuses %j and says what there is, instead of taking it as a minute',
  (text) => {
    expect(isTimeframe(text)).toBe(false)
    expect(() => parseTimeframe(text)).toThrow(RangeError)
    expect(() => parseTimeframe(text)).toThrow(
      `expected one of 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w, got ${JSON.stringify(text)}`,
    )
  },
)

it('lists every timeframe, shortest first', () => {
  expect(TIMEFRAMES.map(parseTimeframe)).toEqual(TIMEFRAMES.toSorted((a, b) => timeframeMs(a) - timeframeMs(b)))
})

function open(iso: string, timeframe: '1w' | '3d'): string {
  return new Date(floorToTimeframe(Date.parse(iso), timeframe)).toISOString()
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clipSpans,
  intersectSpans,
  normalizeSpans,
  type Span,
  spansCover,
  spansLengthMs,
  subtractSpans,
  unionSpans,
} from '../src/index.js'

// The model: one boolean a millisecond, on a time line short enough that spans often touch and overlap.
const EARLIEST = -8
const TICKS = 24

const moment = fc.integer({ min: EARLIEST, max: EARLIEST + TICKS })
const anySpan = fc.record({ since: moment, until: moment }) // empty and inverted ones too
const anySpans = fc.array(anySpan, { maxLength: 8 })

describe('span sets agree with one boolean a millisecond', () => {
  it('puts any spans, in any order, into the one normal form', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        expect(normalizeSpans(spans)).toEqual(toSpans(toBits(spans)))
      }),
    )
  })

  it('unites, subtracts, intersects and clips', () => {
    fc.assert(
      fc.property(anySpans, anySpans, anySpan, (a, b, bounds) => {
        const [inA, inB, inBounds] = [toBits(a), toBits(b), toBits([bounds])]
        expect(unionSpans(a, b)).toEqual(toSpans(inA.map((bit, at) => bit || inB[at]!)))
        expect(subtractSpans(a, b)).toEqual(toSpans(inA.map((bit, at) => bit && !inB[at]!)))
        expect(intersectSpans(a, b)).toEqual(toSpans(inA.map((bit, at) => bit && inB[at]!)))
        expect(clipSpans(a, bounds)).toEqual(toSpans(inA.map((bit, at) => bit && inBounds[at]!)))
      }),
      { numRuns: 500 },
    )
  })

  it('says whether a span is covered, and how long a set is', () => {
    fc.assert(
      fc.property(anySpans, anySpan, (spans, span) => {
        const bits = toBits(spans)
        expect(spansCover(spans, span)).toBe(toBits([span]).every((bit, at) => !bit || bits[at]!))
        expect(spansLengthMs(spans)).toBe(bits.filter(Boolean).length)
      }),
      { numRuns: 500 },
    )
  })
})

it('leaves its arguments as they were', () => {
  const spans = Object.freeze([Object.freeze({ since: 5, until: 9 }), Object.freeze({ since: 0, until: 6 })])
  expect(unionSpans(spans, spans)).toEqual([{ since: 0, until: 9 }])
  expect(subtractSpans(spans, [{ since: 1, until: 2 }])).toEqual([
    { since: 0, until: 1 },
    { since: 2, until: 9 },
  ])
})

it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a bound of %d instead of covering nothing or all', (bad) => {
  expect(() => normalizeSpans([{ since: 0, until: bad }])).toThrow(RangeError)
  expect(() => spansCover([], { since: bad, until: 1 })).toThrow(`got [${bad}, 1)`)
})

// With quadratic work these are 4.5e10 steps each and the run does not end in reasonable time; no clock is read.
it('handles a coverage of 300,000 spans without quadratic work', () => {
  const COUNT = 300_000
  const many = Array.from({ length: COUNT }, (_, index) => ({ since: index * 10, until: index * 10 + 5 }))
  const holes = many.map(({ since }) => ({ since: since + 1, until: since + 2 }))
  expect(unionSpans(many, [{ since: 5, until: 10 }])).toHaveLength(COUNT - 1)
  expect(subtractSpans(many, holes)).toHaveLength(2 * COUNT)
  expect(intersectSpans(many, holes)).toHaveLength(COUNT)
  expect(subtractSpans(many, [{ since: 0, until: COUNT * 10 }])).toEqual([])
})

function toBits(spans: readonly Span[]): boolean[] {
  return Array.from({ length: TICKS }, (_, index) =>
    spans.some(({ since, until }) => since <= EARLIEST + index && EARLIEST + index < until),
  )
}

function toSpans(bits: readonly boolean[]): Span[] {
  const starts = bits.flatMap((bit, at) => (bit && !bits[at - 1] ? [EARLIEST + at] : []))
  const ends = bits.flatMap((bit, at) => (bit && !bits[at + 1] ? [EARLIEST + at + 1] : []))
  return starts.map((since, index) => ({ since, until: ends[index]! }))
}

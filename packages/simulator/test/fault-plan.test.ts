import { describe, expect, test } from 'vitest'
import { createFaultPlan, DEFAULT_FAULT_RATES, type FaultKind, parseFaultPlan } from '../src/index.js'

const HOUR_MS = 3_600_000

describe('a seeded plan', () => {
  test('is the same for ever, is plain data, and ends in time', () => {
    const plan = createFaultPlan({ seed: 7, durationMs: HOUR_MS })
    expect(createFaultPlan({ seed: 7, durationMs: HOUR_MS })).toEqual(plan)
    expect(parseFaultPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
    for (const fault of plan) expect(fault.atMs + ('forMs' in fault ? fault.forMs : 0)).toBeLessThanOrEqual(HOUR_MS)
    expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    // Written down once: a change of the generator changes every recorded failure, so it must be on purpose.
    expect(plan.slice(0, 3)).toMatchInlineSnapshot(`
      [
        {
          "atMs": 596774,
          "delayMs": 6734,
          "forMs": 97391,
          "kind": "delay",
        },
        {
          "atMs": 726707,
          "forMs": 13282,
          "kind": "stall",
        },
        {
          "atMs": 834215,
          "forMs": 161482,
          "kind": "duplicate",
          "share": 0.78,
        },
      ]
    `)
  })

  test('of many seeds has every kind as often as its rate says', () => {
    const counts = new Map<FaultKind, number>()
    for (let seed = 0; seed < 200; seed++) {
      for (const { kind } of createFaultPlan({ seed, durationMs: HOUR_MS / 2 }))
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    for (const [kind, perHour] of Object.entries(DEFAULT_FAULT_RATES)) {
      expect(counts.get(kind as FaultKind)! / 100).toBeGreaterThan(perHour * 0.6)
      expect(counts.get(kind as FaultKind)! / 100).toBeLessThan(perHour * 1.4)
    }
  })

  test('draws each kind for itself: another rate changes no other fault', () => {
    const plan = createFaultPlan({ seed: 3, durationMs: HOUR_MS })
    const fewer = createFaultPlan({ seed: 3, durationMs: HOUR_MS, rates: { ...DEFAULT_FAULT_RATES, drop: 0 } })
    expect(fewer).toEqual(plan.filter(({ kind }) => kind !== 'drop'))
    const rates = { delist: 2, 'history-limit': 1 }
    expect(createFaultPlan({ seed: 3, durationMs: HOUR_MS, rates, symbols: ['A/B'] })).toHaveLength(3)
  })

  test('refuses what cannot be drawn', () => {
    expect(() => createFaultPlan({ seed: 1, durationMs: 0 })).toThrow(RangeError)
    expect(() => createFaultPlan({ seed: 1, durationMs: 1, rates: { drop: -1 } })).toThrow('rate of drop')
  })
})

test.each([
  ['no list', {}, 'expected an array of faults'],
  ['an unknown kind', [{ kind: 'flood', atMs: 0 }], 'expected kind to be one of drop half-open'],
  ['no time', [{ kind: 'drop' }], 'expected atMs'],
  ['no length', [{ kind: 'stall', atMs: 0 }], 'expected forMs'],
  ['a number out of bounds', [{ kind: 'html', atMs: 0, forMs: 1, share: 2 }], 'expected share from 0 to 1'],
  ['a status that is none', [{ kind: 'status', atMs: 0, forMs: 1, status: 200 }], 'expected status from 400 to 599'],
  ['a name mistyped', [{ kind: 'drop', atMs: 0, forMS: 3 }], 'expected no forMS'],
  ['a symbol where none is looked at', [{ kind: 'drop', atMs: 0, symbol: 'BTC/USD' }], 'expected no symbol'],
  ['a delisting of nothing', [{ kind: 'delist', atMs: 0 }], 'expected a symbol'],
])('a plan with %s is refused, quoting the fault', (_, plan, message) => {
  expect(() => parseFaultPlan(plan)).toThrow(message)
  expect(() => parseFaultPlan(plan)).toThrow(expect.objectContaining({ code: 'BAD_FAULT_PLAN' }))
})

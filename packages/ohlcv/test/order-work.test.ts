import type { Span } from '@fullon/market'
import { expect, test } from 'vitest'
import { orderWork, type WorkOptions } from '../src/index.js'
import { minute, minutes } from './rows.js'

/** At minute 1000; answers are final up to 990, and the audit goes in steps of an hour. */
function order(options: Partial<WorkOptions>): Span[] {
  const now = { horizon: minute(1_000), auditHorizon: minute(990), auditEveryMs: 60 * 60_000 }
  return orderWork({ gaps: [], audits: [], ...now, ...options })
}

test('recent gaps come before recent audits, those before old gaps, newest first, and old audits last', () => {
  const [recent, old, older] = [minutes(950, 960), minutes(100, 200), minutes(10, 20)]
  const [recentAudit, oldAudit] = [minutes(900, 940), minutes(300, 400)]
  expect(order({ gaps: [older, recent, old], audits: [oldAudit, recentAudit] })).toEqual([
    recent,
    recentAudit,
    old,
    older,
    oldAudit,
  ])
})

test('years of history do not starve the audit of the present', () => {
  const history = Array.from({ length: 100 }, (_, index) => minutes(-10 * index, -10 * index + 5))
  expect(order({ gaps: history, audits: [minutes(880, 990)] })[0]).toEqual(minutes(880, 990))
})

test('the present costs no request for each moment that passes', () => {
  const sliver = { since: minute(1_000) - 29_999, until: minute(1_000) }
  expect(order({ gaps: [sliver] })).toEqual([])
  const step = { since: minute(1_000) - 30_000, until: minute(1_000) }
  expect(order({ gaps: [step] })).toEqual([step])
  const closed = { since: minute(999) - 1, until: minute(999) }
  expect(order({ gaps: [closed] })).toEqual([closed])
})

test('a gap that opened while the subscription stood waits for the audit, one from before does not', () => {
  const quiet = minutes(980, 1_000)
  const broken = minutes(940, 950)
  expect(order({ gaps: [broken, quiet], liveSince: minute(960) })).toEqual([broken])
  expect(order({ gaps: [broken, quiet] })).toEqual([quiet, broken])
  expect(order({ gaps: [quiet], audits: [minutes(900, 990)], liveSince: minute(960) })).toEqual([minutes(900, 990)])
})

test('the audit follows the present in whole steps', () => {
  expect(order({ audits: [minutes(931, 990)] })).toEqual([])
  expect(order({ audits: [minutes(930, 990)] })).toEqual([minutes(930, 990)])
})

import type { FaultKind } from './fault.js'

/** A number of a fault: its bounds, and those between which a seeded plan draws it. */
export interface Field {
  readonly min: number
  readonly max: number
  /** Absent: a seeded plan leaves it out. */
  readonly draw?: readonly [low: number, high: number]
  readonly optional?: true
}

const DAY_MS = 86_400_000
const SECOND_MS = 1000

function during(low: number, high: number): { readonly forMs: Field } {
  return { forMs: { min: 1, max: 36_500 * DAY_MS, draw: [low * SECOND_MS, high * SECOND_MS] } }
}

function some(low: number, high: number): { readonly forMs: Field; readonly share: Field } {
  return { ...during(low, high), share: { min: 0, max: 1, draw: [0.2, 1], optional: true } }
}

function delay(low: number, high: number): Field {
  return { min: 0, max: DAY_MS, draw: [low * SECOND_MS, high * SECOND_MS] }
}

/**
 * The numbers of each kind beside `atMs`. What is drawn stays below what clients must expect: REST's lag and the
 * lateness of trades together under a minute, a correction within two minutes.
 */
export const FAULT_FIELDS: Readonly<Record<FaultKind, Readonly<Record<string, Field>>>> = {
  drop: {},
  'half-open': {},
  snapshot: {},
  stall: during(10, 180),
  refuse: during(10, 120),
  delay: { ...during(10, 180), delayMs: delay(1, 10) },
  duplicate: some(10, 300),
  'late-trades': { ...some(30, 600), latenessMs: delay(1, 15) },
  correction: { delayMs: delay(2, 120) },
  quiet: during(60, 600),
  delist: {},
  lag: { ...during(30, 600), lagMs: delay(1, 20) },
  empty: some(5, 60),
  status: {
    ...some(5, 60),
    status: { min: 400, max: 599, draw: [500, 504] },
    retryAfterSeconds: { min: 0, max: 86_400, optional: true },
  },
  html: some(5, 60),
  cut: some(5, 60),
  hang: some(5, 30),
  reset: some(5, 60),
  'break-off': some(5, 60),
  maintenance: during(60, 300),
  'history-limit': {
    forMs: { min: 1, max: 36_500 * DAY_MS, draw: [36_500 * DAY_MS, 36_500 * DAY_MS] },
    days: { min: 0, max: 36_500, optional: true },
    candles: { min: 1, max: 1e9, draw: [100, 1000], optional: true },
  },
}

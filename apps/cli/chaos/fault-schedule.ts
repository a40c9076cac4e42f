import { mulberry32 } from './random.js'

/** What can go wrong around the service, and how often relative to the rest; what exchanges do is theirs to plan. */
const WEIGHTS = {
  kill: 5,
  terminate: 2,
  cutDatabase: 3,
  stopPostgres: 2,
  fillDisk: 1.5,
  stopRedis: 1.5,
  flushRedis: 1,
  jumpClock: 2,
  addSymbol: 1,
  removeSymbol: 1.5,
  extendBacktest: 1,
  deactivateExchange: 1,
} as const

export type FaultKind = keyof typeof WEIGHTS

export interface ChaosFault {
  readonly kind: FaultKind
  /** Simulated milliseconds after the start. */
  readonly atMs: number
  /** Simulated. What lasts ends after this. */
  readonly forMs: number
  /** Uniform in [0, 1), for whatever the fault has to choose. */
  readonly draw: number
}

const MINUTE_MS = 60_000
const MEAN_PAUSE_MS = 12 * MINUTE_MS
// Mostly minutes, sometimes so long that what was not stored is older than the audit.
const LONGEST_MS = 90 * MINUTE_MS

/** A plan of faults over `lengthMs`, the same for the same seed. */
export function faultSchedule(seed: number, lengthMs: number): ChaosFault[] {
  const random = mulberry32(seed)
  const pause = () => -Math.log(1 - random()) * MEAN_PAUSE_MS
  const faults: ChaosFault[] = []
  for (let atMs = pause(); atMs < lengthMs; atMs += pause()) {
    faults.push({
      kind: pick(random()),
      atMs: Math.round(atMs),
      forMs: Math.round(MINUTE_MS + LONGEST_MS * random() ** 4),
      draw: random(),
    })
  }
  return faults
}

function pick(draw: number): FaultKind {
  const entries = Object.entries(WEIGHTS) as [FaultKind, number][] // cast: the keys of a literal
  let left = draw * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [kind, weight] of entries) {
    left -= weight
    if (left < 0) return kind
  }
  return 'kill'
}

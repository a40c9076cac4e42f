/** What can go wrong, and how often relative to the rest. */
const WEIGHTS = {
  dropSockets: 6,
  answer429: 3,
  answer5xx: 4,
  kill: 4,
  terminate: 2,
  cutDatabase: 4,
  addSymbol: 1,
  extendBacktest: 1,
  removeSymbol: 1,
} as const

export type FaultKind = keyof typeof WEIGHTS

export interface Fault {
  readonly kind: FaultKind
  /** Simulated milliseconds after the start. */
  readonly atMs: number
  /** Uniform in [0, 1), for whatever the fault has to choose. */
  readonly draw: number
}

const MEAN_PAUSE_MS = 15 * 60_000

/** A plan of faults over `lengthMs`, the same for the same seed. */
export function faultSchedule(seed: number, lengthMs: number): Fault[] {
  const random = mulberry32(seed)
  const faults: Fault[] = []
  for (
    let atMs = -Math.log(1 - random()) * MEAN_PAUSE_MS;
    atMs < lengthMs;
    atMs += -Math.log(1 - random()) * MEAN_PAUSE_MS
  ) {
    faults.push({ kind: pick(random()), atMs, draw: random() })
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
  return 'dropSockets'
}

/** A small generator with a 32-bit state: the same numbers on every machine. Source: github.com/bryc/code, PRNGs. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

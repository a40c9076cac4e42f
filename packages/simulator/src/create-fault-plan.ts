import type { Fault, FaultKind } from './fault.js'
import { FAULT_FIELDS } from './fault-fields.js'
import { parseFault } from './parse-fault-plan.js'
import { createRandom, type Random } from './random.js'

/** How often each kind happens, on average, in a simulated hour. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>

/** Everything that passes, often enough that half an hour has a dozen faults. */
export const DEFAULT_FAULT_RATES: FaultRates = {
  drop: 3,
  'half-open': 1,
  snapshot: 1,
  stall: 2,
  refuse: 1,
  delay: 2,
  duplicate: 2,
  'late-trades': 1,
  correction: 3,
  quiet: 1,
  lag: 2,
  empty: 1,
  status: 3,
  html: 1,
  cut: 1,
  hang: 1,
  reset: 1,
  'break-off': 1,
  maintenance: 0.3,
}

/**
 * A plan drawn from a seed: the same arguments give the same plan for ever. Every fault begins and ends within
 * `durationMs`, a correction and `history-limit` excepted.
 *
 * @param options.symbols which `delist` may take; without them it is left out.
 * @throws RangeError for a rate that is not a number of at least 0.
 */
export function createFaultPlan({
  seed,
  durationMs,
  rates = DEFAULT_FAULT_RATES,
  symbols = [],
}: {
  seed: number
  durationMs: number
  rates?: FaultRates
  symbols?: readonly string[]
}): readonly Fault[] {
  if (!(durationMs > 0 && durationMs < 1e15))
    throw new RangeError(`durationMs: expected more than 0, got ${durationMs}`)
  const plan = Object.entries(rates).flatMap(([kind, perHour]) => {
    if (!(perHour >= 0 && perHour < 1e6)) throw new RangeError(`rate of ${kind}: expected at least 0, got ${perHour}`)
    // Cast: the keys of the rates are kinds. Each draws from its own sequence, so that a rate changes no other kind.
    return drawKind(kind as FaultKind, (perHour * durationMs) / 3_600_000, {
      random: createRandom(`${seed} ${kind}`),
      durationMs,
      symbols,
    })
  })
  return plan.toSorted((a, b) => a.atMs - b.atMs)
}

function drawKind(
  kind: FaultKind,
  expected: number,
  { random, durationMs, symbols }: { random: Random; durationMs: number; symbols: readonly string[] },
): Fault[] {
  if (kind === 'delist' && symbols.length === 0) return []
  const count = Math.floor(expected + random())
  return Array.from({ length: count }, () => {
    const numbers: Record<string, number> = {}
    for (const [name, { draw }] of Object.entries(FAULT_FIELDS[kind])) {
      if (!draw) continue
      const [low, high] = draw
      const value = low + random() * (high - low)
      numbers[name] = name === 'share' ? Math.round(value * 100) / 100 : Math.round(value)
    }
    const isEndless = kind === 'history-limit'
    if (numbers.forMs !== undefined && !isEndless) numbers.forMs = Math.min(numbers.forMs, durationMs)
    const latest = durationMs - (isEndless ? 0 : (numbers.forMs ?? 0))
    const atMs = Math.floor(random() * latest)
    const where = kind === 'delist' ? { symbol: symbols[Math.floor(random() * symbols.length)] } : {}
    return parseFault({ kind, atMs, ...numbers, ...where, ...drawStatus(kind, random) })
  })
}

/** What exchanges answer when they want to be left alone is as likely as that they are broken. */
function drawStatus(kind: FaultKind, random: Random): object {
  if (kind !== 'status') return {}
  const answers = [
    { status: 429, retryAfterSeconds: 5 },
    { status: 429 },
    { status: 418, retryAfterSeconds: 30 },
    { status: 403 },
    { status: 500 },
    { status: 502 },
    { status: 503 },
    { status: 504 },
  ]
  return answers[Math.floor(random() * answers.length)] ?? {}
}

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { EpochMs } from '@fullon/market'
import { ChaosFaults } from './chaos-faults.js'
import { compare, findUnfinished, type Verdict } from './compare.js'
import { Configured } from './configured.js'
import { expectedSeries, publishedBy } from './expected.js'
import { createScenario, type Scenario } from './scenario.js'
import { openStage, type Stage } from './stage.js'
import { loadExpected, loadTruth, openSession, type TruthSession } from './truth-tables.js'
import { within } from './within.js'

export interface SeedOptions {
  readonly seed: number
  /** Simulated. */
  readonly hours: number
  readonly speed: number
  /** Of the run's own: logs and data. */
  readonly folder: string
  /** Told what is going on, so that whoever gives up can say on what. */
  readonly onStep?: (step: string) => void
}

export interface SeedResult {
  readonly seed: number
  readonly simulatedHours: number
  readonly verdict: Verdict
  /** How often each fault happened. */
  readonly faults: Readonly<Record<string, number>>
  /** Faults that this machine cannot have, with the reason. */
  readonly skipped: Readonly<Record<string, string>>
  /** What went wrong beside the rows: unfinished series, ends of the service, hangs. */
  readonly problems: readonly string[]
}

const HOUR_MS = 3_600_000
// What is stored and final must reach this far beyond the last fault.
const PEACE_MS = 10 * 60_000
/** Real time to converge in: some twenty seconds, or much more on a busy machine. */
const CONVERGE_WITHIN_MS = 300_000
const LOOK_EVERY_MS = 500

/** One seeded run: faults for `hours`, then peace, then every stored row against the truth. */
export async function runSeed({ seed, hours, speed, folder, onStep = () => {} }: SeedOptions): Promise<SeedResult> {
  const scenario = createScenario(seed, hours)
  const problems: string[] = []
  const step = <T>(what: string, run: () => Promise<T>, takesMs?: number) => {
    onStep(what)
    return within(what, run(), takesMs)
  }
  await using stage = await step('start', () =>
    openStage({ scenario, speed, folder, onProblem: (problem) => problems.push(problem) }),
  )
  await using configured = await Configured.open(stage.postgres.url, scenario.exchanges)
  for (const pair of scenario.pairs) if (pair.symbol.isFirst) await configured.add(pair, 1)
  const chaos = new ChaosFaults(scenario, stage, configured)
  for (const service of stage.services) service.start()
  onStep('faults')
  await play(scenario, stage, chaos, join(folder, 'faults.log'))
  await step('the end of the last faults', () => chaos.end(), (2 * HOUR_MS) / speed)

  const sql = openSession(stage.postgres.url)
  try {
    onStep('convergence')
    const until = stage.now() + PEACE_MS
    const expected = () => expectedSeries(scenario, configured, { now: stage.now(), until })
    problems.push(...(await unfinished(sql, expected, () => stage.now() > until)))
    for (const service of stage.services) await step('SIGTERM', () => service.end('SIGTERM'))
    await step('loading the truth', () => loadTruth(sql, publishedBy(scenario, stage.simulators)))
    const verdict = await step('comparison', () => compare(sql))
    const faults = { ...exchangeFaults(stage, scenario.start), ...chaos.counts }
    const simulatedHours = (stage.now() - scenario.start) / HOUR_MS
    return { seed, simulatedHours, verdict, faults, skipped: chaos.skipped, problems }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function play({ start, faults }: Scenario, stage: Stage, chaos: ChaosFaults, logFile: string): Promise<void> {
  for (const fault of faults) {
    await stage.sleep(Math.max(0, start + fault.atMs - stage.now()))
    appendFileSync(logFile, `${JSON.stringify({ clock: new Date(stage.now()).toISOString(), ...fault })}\n`)
    chaos.begin(fault)
  }
}

/** Waits until all that is expected is final; names what still is not when patience ends. */
async function unfinished(
  sql: TruthSession,
  expected: () => Parameters<typeof loadExpected>[1],
  isOver: () => boolean,
): Promise<string[]> {
  const giveUpAt = performance.now() + CONVERGE_WITHIN_MS
  for (;;) {
    await loadExpected(sql, expected())
    const open = await findUnfinished(sql)
    if (open.length === 0 && isOver()) return []
    if (performance.now() > giveUpAt)
      return open.map((series) => `not final within ${CONVERGE_WITHIN_MS} ms: ${series}`)
    await delay(LOOK_EVERY_MS)
  }
}

/** Those of the plans that have begun. */
function exchangeFaults({ simulators, now }: Stage, start: EpochMs): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { faults } of simulators.values()) {
    for (const { kind, atMs } of faults.plan) if (start + atMs <= now()) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

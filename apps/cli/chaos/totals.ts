import type { SeedResult } from './run-seed.js'

/** Of all seeds. */
export class Totals {
  readonly #started = performance.now()
  seeds = 0
  /** Numbers of those that were not right. */
  readonly failed: number[] = []
  simulatedHours = 0
  readonly faults: Record<string, number> = {}
  readonly rows = { candles: 0, trades: 0, missing: 0, wrong: 0, extra: 0, duplicate: 0, unavailable: 0 }
  readonly skipped: Record<string, string> = {}

  add({ simulatedHours, faults, skipped, verdict }: SeedResult): void {
    this.simulatedHours += simulatedHours
    for (const [kind, count] of Object.entries(faults)) this.faults[kind] = (this.faults[kind] ?? 0) + count
    const kinds = Object.keys(this.rows) as (keyof typeof this.rows)[] // cast: the keys of a literal
    for (const kind of kinds) this.rows[kind] += verdict[kind]
    Object.assign(this.skipped, skipped)
  }

  toJSON(): object {
    const { seeds, failed, faults, rows, skipped } = this
    return {
      seeds,
      failed,
      simulatedHours: Math.round(this.simulatedHours),
      faultsInAll: Object.values(faults).reduce((sum, count) => sum + count, 0),
      faults: Object.fromEntries(Object.entries(faults).sort(([a], [b]) => a.localeCompare(b))),
      killsSurvived: faults.kill ?? 0,
      rows,
      skipped,
      minutes: Math.round((performance.now() - this.#started) / 6_000) / 10,
    }
  }
}

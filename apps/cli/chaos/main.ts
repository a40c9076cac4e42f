import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runSeed } from './run-seed.js'

const USAGE = `usage: npm run chaos -- [--seeds N] [--hours N] [--first-seed N] [--speed N]

Runs the service as a process of its own against a simulated exchange while faults of all kinds happen to it,
then compares every stored row with what the exchange published. Prints the totals as JSON; exit code 1 when
anything was wrong. CHAOS_DATABASE_URL names a server to use instead of the embedded one.`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '12' },
    hours: { type: 'string', default: '6' },
    'first-seed': { type: 'string', default: '1' },
    speed: { type: 'string', default: '600' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const [seeds, hours, firstSeed, speed] = [values.seeds, values.hours, values['first-seed'], values.speed].map(
  Number,
) as [number, number, number, number] // cast: four in, four out
if (![seeds, hours, firstSeed, speed].every((value) => Number.isFinite(value) && value > 0)) {
  console.error(`chaos: expected numbers above 0\n${USAGE}`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'fullon-chaos-'))
const totals = {
  seeds: 0,
  hours: 0,
  faults: {} as Record<string, number>,
  candles: 0,
  trades: 0,
  missing: 0,
  wrong: 0,
  duplicate: 0,
  failed: 0,
}
for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  const logFile = join(folder, `${seed}.log`)
  const { verdict, faults, problems } = await runSeed({
    seed,
    hours,
    speed,
    serverUrl: process.env.CHAOS_DATABASE_URL,
    logFile,
  })
  const bad = verdict.missing + verdict.wrong + verdict.duplicate > 0 || problems.length > 0
  totals.seeds++
  totals.hours += hours
  for (const [kind, count] of Object.entries(faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + count
  for (const key of ['candles', 'trades', 'missing', 'wrong', 'duplicate'] as const) totals[key] += verdict[key]
  console.error(`seed ${seed}: ${bad ? 'WRONG' : 'right'} ${JSON.stringify(verdict)} ${JSON.stringify(faults)}`)
  if (!bad) continue
  totals.failed++
  for (const problem of problems) console.error(`  ${problem}`)
  console.error(
    `  repeat: npm run chaos -- --first-seed ${seed} --seeds 1 --hours ${hours} --speed ${speed}   (log: ${logFile})`,
  )
}
console.log(JSON.stringify(totals))
process.exitCode = totals.failed > 0 ? 1 : 0

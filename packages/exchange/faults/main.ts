import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runSeeds } from './run-seeds.js'

const USAGE = `usage: npm run faults -- [--seeds N] [--first-seed N] [--jobs N]

Half a simulated hour of three exchanges a seed, under that seed's faults: everything that a stream or a page vouched
for is compared with what had been published. Prints the totals as JSON; exit code 1 when anything was wrong.`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    'first-seed': { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(3 * availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(`${USAGE}\n`)
  process.exit(0)
}
const [count = 0, first = 0, jobs = 0] = [values.seeds, values['first-seed'], values.jobs].map(Number)
if (![count, first, jobs].every((number) => Number.isSafeInteger(number) && number > 0)) {
  tell(`faults: expected positive integers\n${USAGE}`)
  process.exit(2)
}
/** Under all those faults: streams for a third of the time, pages for two thirds. */
const LEAST_SHARES = { streamed: 1 / 3, paged: 2 / 3 }
const shares = { streamed: 0, paged: 0 }
const totals = { seeds: 0, simulatedHours: 0, faults: {} as Record<string, number>, streamed: 0, paged: 0, failed: 0 }
await runSeeds(
  Array.from({ length: count }, (_, index) => first + index),
  jobs,
  ({ seed, problems, faults, streamed, paged, streamedShare, pagedShare }) => {
    totals.seeds++
    totals.simulatedHours += 0.5
    totals.streamed += streamed
    totals.paged += paged
    shares.streamed += streamedShare / count
    shares.paged += pagedShare / count
    for (const [kind, times] of Object.entries(faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + times
    tell(
      `seed ${seed}: ${problems.length > 0 ? 'WRONG' : 'right'}, ${streamed} streamed, ${paged} paged, shares ${streamedShare.toFixed(2)} ${pagedShare.toFixed(2)}`,
    )
    if (problems.length === 0) return
    totals.failed++
    for (const problem of problems.slice(0, 10)) tell(`  ${problem}`)
    tell(`  repeat: npm run faults -- --first-seed ${seed} --seeds 1`)
  },
)
process.stdout.write(`${JSON.stringify({ ...totals, shares })}\n`)
const isWorthIt = shares.streamed > LEAST_SHARES.streamed && shares.paged > LEAST_SHARES.paged
if (!isWorthIt) tell(`faults: expected to vouch for shares of ${JSON.stringify(LEAST_SHARES)} at least`)
process.exitCode = totals.failed > 0 || !isWorthIt ? 1 : 0

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

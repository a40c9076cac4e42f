import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runSeedProcess } from './seed-process.js'
import { Totals } from './totals.js'

const USAGE = `usage: npm run chaos -- [--seeds 12] [--hours 6] [--first-seed 1] [--speed 600] [--jobs 2] [--until-wrong] [--nothing-skipped]

Runs the built service as processes of their own against simulated exchanges while faults of all kinds happen to it,
then compares every stored row with what the exchanges published. Prints the totals as JSON; exit code 1 when
anything was wrong. --hours are simulated, --speed is simulated time for real time, --jobs seeds run at once,
--until-wrong stops at the first seed that is. --nothing-skipped: exit code 1 as well when this machine cannot do a fault.`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '12' },
    hours: { type: 'string', default: '6' },
    'first-seed': { type: 'string', default: '1' },
    speed: { type: 'string', default: '600' },
    jobs: { type: 'string', default: '2' },
    'until-wrong': { type: 'boolean', default: false },
    'nothing-skipped': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const [seeds, hours, firstSeed, speed, jobs] = (['seeds', 'hours', 'first-seed', 'speed', 'jobs'] as const).map(
  (name) => Number(values[name]),
) as [number, number, number, number, number] // cast: five in, five out
if (![seeds, hours, firstSeed, speed, jobs].every((value) => Number.isFinite(value) && value > 0)) {
  console.error(`chaos: expected numbers above 0\n${USAGE}`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'fullon-chaos-'))
chmodSync(folder, 0o711) // root's Postgres runs as another user, who must get through
const totals = new Totals()
let next = firstSeed
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end())
await Promise.all(Array.from({ length: jobs }, work))
end()

async function work(): Promise<void> {
  while (next < firstSeed + seeds) {
    await run(next++)
    if (values['until-wrong'] && totals.failed.length > 0) end()
  }
}

/** Seeds that still run hear it and clean up. */
function end(): never {
  console.log(JSON.stringify(totals))
  if (totals.failed.length === 0) rmSync(folder, { recursive: true, force: true })
  const isLess = values['nothing-skipped'] && Object.keys(totals.skipped).length > 0
  process.exit(totals.failed.length > 0 || isLess ? 1 : 0)
}

async function run(seed: number): Promise<void> {
  const own = join(folder, String(seed))
  mkdirSync(own, { mode: 0o711 })
  const outcome = await runSeedProcess({ seed, hours, speed, folder: own })
  totals.seeds++
  if ('result' in outcome) totals.add(outcome.result)
  const complaints = 'result' in outcome ? complaintsOf(outcome.result) : [outcome.error]
  if (complaints.length === 0) {
    console.error(`seed ${seed}: right`)
    rmSync(own, { recursive: true, force: true })
    return
  }
  totals.failed.push(seed)
  console.error([`seed ${seed}: WRONG`, ...complaints].join('\n  '))
  console.error(
    `  repeat: npm run chaos -- --first-seed ${seed} --seeds 1 --hours ${hours} --speed ${speed}   (logs: ${own})`,
  )
}

/** What was not right; empty when all was. */
function complaintsOf({ verdict, problems }: Parameters<Totals['add']>[0]): string[] {
  const { missing, wrong, extra, duplicate, examples } = verdict
  const counts = missing + wrong + extra + duplicate > 0 ? [JSON.stringify({ missing, wrong, extra, duplicate })] : []
  return [...counts, ...examples, ...problems]
}

// Breaks one line at a time and shows that it is noticed: `npm run mutate` by a test, `npm run mutate -- --chaos` by
// the short set of the chaos suite. Names of mutations choose some of them. `--check` only says whether each line is there.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MUTATIONS } from './mutations.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Twelve seeds on a slow machine; a broken line may also make something wait for ever. */
const LONGEST_MS = 30 * 60_000

const [args, chaosArgs] = split(process.argv.slice(2))
const isChaos = args.includes('--chaos')
const names = args.filter((arg) => arg !== '--chaos' && arg !== '--check')
const possible = MUTATIONS.filter(({ chaos }) => !isChaos || chaos)
const chosen = possible.filter(({ name }) => names.length === 0 || names.includes(name))
if (chosen.length < Math.max(names.length, 1)) {
  console.error(`mutate: expected names of ${possible.map(({ name }) => name).join(', ')}, got ${names.join(', ')}`)
  process.exit(2)
}

if (args.includes('--check')) {
  MUTATIONS.forEach(readSource)
  process.exit(0)
}

let undo = () => {}
let child
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    undo()
    child?.kill()
    process.exit(1)
  })
}
const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))]
if (!isChaos && (await vitest(tests)) !== undefined) {
  console.error(`mutate: expected ${tests.join(' ')} to pass unbroken`)
  process.exit(2)
}
const survived = []
for (const mutation of chosen) {
  const noticed = await noticedBy(mutation)
  console.log(`${noticed ? 'noticed ' : 'SURVIVED'} ${mutation.name}  ${noticed ?? ''}`)
  if (!noticed) survived.push(mutation.name)
}
console.log(`${chosen.length - survived.length} of ${chosen.length} mutations were noticed`)
process.exitCode = survived.length > 0 ? 1 : 0

/** By what a mutation is noticed. */
async function noticedBy(mutation) {
  const { file, find, replace, tests: own } = mutation
  const path = join(ROOT, file)
  const source = readSource(mutation)
  undo = () => writeFileSync(path, source)
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
  try {
    return await (isChaos ? chaos() : vitest(own))
  } finally {
    undo()
    if (isChaos) await run([join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'])
  }
}

/** Of the file with the line, which must be there. */
function readSource({ name, file, find }) {
  const source = readFileSync(join(ROOT, file), 'utf8')
  if (source.split(find).length === 2) return source
  throw new Error(`mutate: expected ${JSON.stringify(find)} once in ${file} (the code moved: change ${name} with it)`)
}

/** The first failure, undefined when all is well. */
async function vitest(files) {
  const { status, output } = await run([join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...files])
  return status === 0 ? undefined : (/FAIL .*/.exec(output)?.[0] ?? 'no test ran')
}

/** The first complaint about what is stored; that the suite cannot even run is not one. */
async function chaos() {
  const { status, output } = await run([join(ROOT, 'scripts/pm.mjs'), 'chaos', '--until-wrong', ...chaosArgs])
  if (status === 0) return undefined
  const [complaint] = /seed \d+: WRONG\n.*/.exec(output) ?? []
  if (complaint) return complaint.replace(/\s+/g, ' ').slice(0, 200)
  throw new Error(`mutate: expected the chaos suite to run, got ${output.slice(-2_000)}`)
}

/** What stands after a `--` is for the chaos suite. */
function split(all) {
  const end = all.indexOf('--')
  return end < 0 ? [all, []] : [all.slice(0, end), all.slice(end + 1)]
}

function run(args) {
  return new Promise((resolve) => {
    child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      timeout: LONGEST_MS,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.on('close', (status) => resolve({ status, output }))
  })
}

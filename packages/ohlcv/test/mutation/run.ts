// Breaks each rule in turn and wants a test of this package to be red. `run.ts 3 7` does only those.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { MUTATIONS } from './mutations.js'

const folder = fileURLToPath(new URL('../..', import.meta.url))
const chosen = process.argv.slice(2).map(Number)
let survived = 0
for (const [index, { breaks, tests }] of MUTATIONS.entries()) {
  if (chosen.length > 0 && !chosen.includes(index)) continue
  const files = tests.map((name) => `test/${name}.test.ts`)
  const args = ['../../node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutation/vitest.config.ts', ...files]
  const env = { MODEL_SEEDS: '30', KILL_ROUNDS: '4', ...process.env, MUTATION: String(index) }
  const { status, signal, stdout } = spawnSync(process.execPath, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 600_000,
  })
  // A failed assertion, and not a mutant that does not even load.
  const isSeen = status !== 0 && /Tests .*\d+ failed/.test(stdout)
  if (!isSeen) survived++
  console.log(`${isSeen ? 'seen    ' : signal ? 'TOO LONG' : 'SURVIVED'} ${index} ${breaks}`)
}
process.exitCode = survived === 0 ? 0 : 1

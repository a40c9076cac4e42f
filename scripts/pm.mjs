// Runs a task of this repository with nothing but Node and npm: installs what is missing with the
// pinned pnpm, then hands over. Dependency-free on purpose, it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STAMP = join(ROOT, 'node_modules', '.fullon-installed')
const SOURCE = ['--conditions=@fullon/source', '--import', 'tsx', '--enable-source-maps']

/** Each task is a list of commands, run in order until one fails; the caller's arguments go to the last. */
const TASKS = {
  start: [[process.execPath, ...SOURCE, 'apps/cli/src/main.ts', 'run']],
  demo: [[process.execPath, ...SOURCE, 'apps/cli/src/main.ts', 'demo']],
  fullon: [[process.execPath, ...SOURCE, 'apps/cli/src/main.ts']],
  example: [[process.execPath, ...SOURCE, 'examples/run.mjs']],
  test: [[process.execPath, 'node_modules/vitest/vitest.mjs', 'run']],
  check: [
    [process.execPath, 'scripts/check-root.mjs'],
    [process.execPath, 'scripts/count-lines.mjs', '--quiet'],
    [process.execPath, 'scripts/mutate.mjs', '--check'],
    [bin('biome'), 'check', '--error-on-warnings'],
    [bin('tsc'), '-p', 'tsconfig.check.json'],
    [bin('knip'), '--no-config-hints'],
    [process.execPath, 'scripts/check-operations.mjs'],
  ],
  build: [[bin('tsc'), '-b']],
  'check:packages': [
    [process.execPath, 'scripts/sizes.mjs'],
    [process.execPath, 'scripts/check-exchanges.mjs'],
    [process.execPath, 'scripts/check-packages.mjs'],
  ],
  'check:deploy': [[process.execPath, 'scripts/check-deploy.mjs']],
  docs: [[process.execPath, 'scripts/run-docs.mjs']],
  walk: [[process.execPath, 'scripts/walk.mjs']],
  bench: [[bin('pnpm'), '--recursive', '--workspace-concurrency=1', '--if-present', 'run', 'bench']],
  sizing: [[process.execPath, ...SOURCE, 'apps/ohlcv-service/bench/sizing.ts']],
  sizes: [[process.execPath, 'scripts/sizes.mjs']],
  'pack-install': [[process.execPath, 'scripts/pack-install.mjs']],
  changeset: [[bin('changeset')]],
  // Whatever version is not in the registry yet; `changeset tag` tells the release workflow which those were.
  release: [
    [bin('pnpm'), '--recursive', 'publish', '--access', 'public', '--provenance', '--no-git-checks'],
    [bin('changeset'), 'tag'],
  ],
  mutate: [[process.execPath, 'scripts/mutate.mjs']],
  faults: [[process.execPath, ...SOURCE, 'packages/exchange/faults/main.ts']],
  chaos: [
    [bin('tsc'), '-b'],
    [process.execPath, ...SOURCE, 'apps/cli/chaos/main.ts'],
  ],
  format: [[bin('biome'), 'check', '--write']],
}

const [task, ...args] = process.argv.slice(2)
if (!Object.hasOwn(TASKS, task ?? '')) {
  console.error(`pm: expected a task (${Object.keys(TASKS).join(', ')}), got ${task ?? 'nothing'}`)
  process.exit(2)
}
install()
await run(TASKS[task], args)

function bin(name) {
  return join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
}

function install() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const lock = readFileSync(join(ROOT, 'pnpm-lock.yaml'))
  const wanted = createHash('sha256').update(packageManager).update(lock).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  console.error(`installing dependencies with ${packageManager} (once, about half a minute) …`)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const command = ['exec', '--yes', '--', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only']
  const { status, error, stdout } = spawnSync(npm, command, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, CI: 'true' }, // never asks; `npm run` has no terminal to answer on
  })
  if (status !== 0) {
    process.stderr.write(stdout ?? '')
    console.error(
      `pm: could not install the dependencies (${error?.message ?? `exit code ${status}`}); is the npm registry reachable?`,
    )
    process.exit(1)
  }
  writeFileSync(STAMP, wanted)
}

async function run(commands, extra) {
  let child
  // A terminal's Ctrl-C reaches the child by itself; a plain `kill` of this process must be handed on.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal))
  process.on('SIGINT', () => {})
  endWithParent(() => child?.kill('SIGTERM'))
  for (const [index, [file, ...rest]] of commands.entries()) {
    const last = index === commands.length - 1
    child = spawn(file, last ? [...rest, ...extra] : rest, {
      cwd: ROOT,
      stdio: 'inherit',
      shell: process.platform === 'win32' && file.endsWith('.cmd'),
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    })
    const code = await ended(child)
    if (code !== 0) process.exit(code)
  }
}

/** npm hands a plain `kill` to the shell between us, which ends without handing it on. */
function endWithParent(end) {
  const parent = process.ppid
  if (!process.env.npm_lifecycle_event) return // nobody in between
  const looking = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(looking)
    end()
  }, 500)
  looking.unref()
}

function ended(child) {
  return new Promise((resolve) => {
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]))
    child.on('error', (err) => {
      console.error(`pm: ${err.message}`)
      resolve(1)
    })
  })
}

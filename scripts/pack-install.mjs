// Whether each package, as it would be published, works alone: packed, installed with npm into an empty folder, and
// used there by the example of its README, type-checked and run. Needs a build. `npm run pack-install [-- NAME …]`
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openScratchDatabase } from '../packages/embedded/dist/index.js'
import { createSeededMarket, createSimulatedClock, startSimulator } from '../packages/simulator/dist/index.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const EXAMPLE_MS = 240_000 // the longest waits for a candle to close and to settle
const bin = (name) => join(ROOT, 'node_modules', '.bin', name)

/**
 * `change` puts in what this machine has for what the reader has; `prints` is what the example then writes.
 * Types are checked down to those of the dependencies, but for `skipLibCheck`.
 */
const EXAMPLES = {
  market: { prints: /since: 1704067260000, until: 1704070800000/ },
  log: { prints: /reaches the loggers/, change: (code) => code.replace(/, filePath: [^}]*/, '') },
  orm: { prints: /^symbols/m, change: withDatabase },
  exchange: {
    prints: /since: \d{13}/,
    change: (code, { ccxtOptions }) =>
      code.replace('ExchangeQueue({', `ExchangeQueue({ ccxtOptions: ${JSON.stringify(ccxtOptions)},`),
  },
  ohlcv: { prints: /^$/, change: withDatabase, skipLibCheck: true }, // its types show drizzle's
  cache: { prints: /42300\.5/ },
  embedded: { prints: /PostgreSQL 18.* was started/s },
  simulator: { prints: /^true$/m, skipLibCheck: true }, // ccxt's types
}

function withDatabase(code, { url }) {
  return code.replace(/postgres:\/\/[^']*/, url)
}

const chosen = process.argv.slice(2)
const names = Object.keys(EXAMPLES).filter((name) => chosen.length === 0 || chosen.includes(name))
const unknown = [...chosen, ...readdirSync(join(ROOT, 'packages'))].filter((name) => !Object.hasOwn(EXAMPLES, name))
if (unknown.length > 0) {
  console.error(
    `pack-install: expected ${Object.keys(EXAMPLES).join(', ')}, got ${unknown.join(', ')} (give it a line)`,
  )
  process.exit(2)
}

const box = mkdtempSync(join(tmpdir(), 'fullon-pack-install-'))
chmodSync(box, 0o755) // for the account of the embedded Postgres
const database = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
const simulator = await startExchange()
try {
  run(bin('pnpm'), ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', box], ROOT)
  for (const name of names) await use(name, { url: database.url, ccxtOptions: simulator.ccxtOptions })
} finally {
  await simulator.close()
  await database.close()
  rmSync(box, { recursive: true, force: true })
}

async function use(name, world) {
  const startedAt = performance.now()
  const folder = join(box, name)
  const { code, install } = readExample(name)
  installInto(folder, name, install)
  const { change = String, prints, skipLibCheck = false } = EXAMPLES[name]
  writeFileSync(join(folder, 'example.ts'), change(code, world))
  compile(folder, skipLibCheck)
  const output = await runExample(folder)
  if (!prints.test(output)) fail(`${name}: expected its example to print ${prints}, got\n${output}`)
  console.log(`@fullon/${name}  works alone (${Math.round((performance.now() - startedAt) / 1_000)} s)`)
}

/** The first TypeScript block of the README, and what else its reader is told to install. */
function readExample(name) {
  const readme = readFileSync(join(ROOT, 'packages', name, 'README.md'), 'utf8')
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? fail(`${name}: expected a README with an example`)
  const [, rest] = /npm install @fullon\/\S+(.*)/.exec(readme) ?? fail(`${name}: expected a README that installs it`)
  return { code, install: rest.split(' ').filter(Boolean) }
}

/** Nothing but the package, what it depends on, and the compiler's view of Node. */
function installInto(folder, name, others) {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const tarballs = withDependencies(name).map((one) => join(box, `fullon-${one}-${manifestOf(one).version}.tgz`))
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  run('npm', ['install', ...flags, ...tarballs, ...others.map(pinned)], folder)
  const found = readdirSync(join(folder, 'node_modules', '@fullon'))
    .sort()
    .join()
  const expected = withDependencies(name).sort().join()
  if (found !== expected) fail(`${name}: expected to need ${expected}, got ${found}`)
}

/** Of our packages, those that `name` needs, itself included. */
function withDependencies(name) {
  const needed = Object.keys(manifestOf(name).dependencies ?? {}).filter((one) => one.startsWith('@fullon/'))
  return [...new Set([name, ...needed.flatMap((one) => withDependencies(one.replace('@fullon/', '')))])]
}

function manifestOf(name) {
  return JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
}

/** As everywhere in this repository, so that a release of others does not change what is tried here. */
function pinned(name) {
  const catalog = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')
  return `${name}@${new RegExp(`^  "?${name}"?: ([^ \n]+)`, 'm').exec(catalog)?.[1] ?? 'latest'}`
}

/** With the types that the package ships; `await using` is lowered for Node 20. */
function compile(folder, skipLibCheck) {
  const types = join(createRequire(import.meta.url).resolve('@types/node/package.json'), '..', '..')
  const options = [
    '--strict',
    '--skipLibCheck',
    String(skipLibCheck),
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
  ]
  const modules = ['--module', 'nodenext', '--typeRoots', types, '--types', 'node']
  run(bin('tsc'), [...options, ...modules, 'example.ts'], folder)
}

function startExchange() {
  const now = Date.now()
  const market = createSeededMarket({ seed: 1, since: now - 7_200_000 })
  return startSimulator({ market, clock: createSimulatedClock({ start: now, speed: 1 }) })
}

/** What it writes. Not synchronous: the exchange it talks to is in this process. */
async function runExample(folder) {
  const env = { ...process.env, FULLON_DATA_DIR: join(folder, 'data') }
  const child = spawn(process.execPath, ['example.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), EXAMPLE_MS)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [code, signal] = await new Promise((resolve) => child.on('close', (...how) => resolve(how)))
  clearTimeout(timer)
  if (code !== 0)
    fail(`${folder}: expected the example to end by itself, got ${signal ?? `exit code ${code}`}\n${output}`)
  return output
}

function run(file, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8' })
  if (status !== 0) fail(`${file} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`)
}

function fail(message) {
  throw new Error(`pack-install: ${message}`)
}

// Whether each package, as it would be published, works alone: packed, installed with npm into an empty folder, and
// used there by the example of its README, type-checked and run. Needs a build.
//   npm run pack-install [-- --node 20,22,24] [NAME …]
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openScratchDatabase } from '../packages/embedded/dist/index.js'
import { installNodes } from './node-versions.mjs'
import { ROOT } from './packages.mjs'
import { compile, installInto, packAll, readExample } from './packed.mjs'
import { startSimulatedExchange } from './simulated-exchange.mjs'

const EXAMPLE_MS = 240_000 // the longest waits for a candle to close and to settle

/**
 * `change` puts in what this machine has for what the reader has; `prints` is what the example then writes.
 * Types are checked down to those of the dependencies, but for `skipLibCheck`. `commands` run instead of an example.
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
  daemon: {
    prints: /healthy: true/,
    change: (code) => code.replace(/^await \(await fetch.*\)\.json\(\)/m, 'console.log($&)'),
  },
  embedded: { prints: /PostgreSQL 18.* was started/s },
  simulator: { prints: /^true$/m, skipLibCheck: true }, // ccxt's types
  'ohlcv-service': {
    prints: /^status \[\]$/m,
    change: (code, world) =>
      withDatabase(code, world)
        .replace('service.status()', "console.log('status', service.status())")
        .replace('await service.ended', 'await service.close()'),
    skipLibCheck: true, // ccxt's types
  },
  cli: {
    prints: /kraken BTC\/USD: 1m candles.*"symbol":"BTC\/USD".*0 missing, 0 wrong, 0 duplicate/s,
    commands: [
      ['symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '1', '--offline'],
      ['symbol', 'list', '--json'],
      ['demo', '--seed', '1'],
    ],
  },
}

function withDatabase(code, { url }) {
  return code.replace(/postgres:\/\/[^']*/, url)
}

const { values, positionals } = parseArgs({ options: { node: { type: 'string' } }, allowPositionals: true })
const names = Object.keys(EXAMPLES).filter((name) => positionals.length === 0 || positionals.includes(name))
const published = ['packages', 'apps'].flatMap((parent) => readdirSync(join(ROOT, parent)))
const unknown = [...positionals, ...published].filter((name) => !Object.hasOwn(EXAMPLES, name))
if (unknown.length > 0) fail(`expected ${Object.keys(EXAMPLES).join(', ')}, got ${unknown.join(', ')} (give it a line)`)

const box = mkdtempSync(join(tmpdir(), 'fullon-pack-install-'))
chmodSync(box, 0o755) // for the account of the embedded Postgres
const exchange = await startSimulatedExchange()
try {
  const nodes = installNodes(values.node?.split(',') ?? [process.versions.node.split('.')[0]], join(box, 'nodes'))
  packAll(box)
  for (const name of names) await use(name, nodes)
} finally {
  await exchange.close()
  rmSync(box, { recursive: true, force: true })
}

/** Installed once; used by every Node at the same time, each with a database of its own. */
async function use(name, nodes) {
  const startedAt = performance.now()
  const folder = join(box, name)
  const { code, others } = readExample(name)
  installInto(folder, box, name, others)
  const { commands, prints } = EXAMPLES[name]
  await Promise.all(
    nodes.map(async ({ version, node }) => {
      const output = commands
        ? await runCommands(folder, node, version)
        : await runExample(folder, name, code, node, version)
      if (!prints.test(output)) fail(`${name} on ${version}: expected ${prints}, got\n${output}`)
    }),
  )
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  console.log(`@fullon/${name}  works alone on ${nodes.map(({ version }) => version).join(', ')} (${seconds} s)`)
}

async function runExample(folder, name, code, node, version) {
  const { change = String, skipLibCheck = false } = EXAMPLES[name]
  const place = join(folder, version)
  mkdirSync(place)
  const database = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  try {
    const world = { url: database.url, ccxtOptions: exchange.ccxtOptions }
    writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(place, 'example.ts'), change(code, world))
    compile(place, { skipLibCheck })
    return await run(node, ['example.js'], place)
  } finally {
    await database.close()
  }
}

async function runCommands(folder, node, version) {
  const place = join(folder, version)
  mkdirSync(place)
  writeFileSync(join(place, 'ccxt.json'), JSON.stringify(exchange.ccxtOptions))
  const main = join(folder, 'node_modules', '.bin', 'fullon')
  let output = ''
  for (const args of EXAMPLES.cli.commands) output += await run(node, [main, ...args], place)
  return output
}

/** What it writes. Not synchronous: the exchange it talks to is in this process. */
async function run(node, args, cwd) {
  const { DATABASE_URL, DB_HOST, REDIS_URL, CACHE_HOST, ...inherited } = process.env
  const env = { ...inherited, FULLON_DATA_DIR: join(cwd, 'data'), FULLON_CCXT_OPTIONS: join(cwd, 'ccxt.json') }
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), EXAMPLE_MS)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [code, signal] = await new Promise((resolve) => child.on('close', (...how) => resolve(how)))
  clearTimeout(timer)
  if (code !== 0) fail(`${cwd}: ${args.join(' ')}: expected it to end by itself, got ${signal ?? code}\n${output}`)
  return output
}

function fail(message) {
  throw new Error(`pack-install: ${message}`)
}

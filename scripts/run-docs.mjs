// Runs the commands of the documents as they stand, against a simulated exchange and the embedded Postgres, each
// document in a home of its own. Needs a build. `npm run docs [-- PATH …]`
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { finish, interrupt, openWorld, readCommands, stay } from './doc-commands.mjs'
import { ROOT } from './packages.mjs'
import { listDocuments, readBlocks } from './sh-blocks.mjs'
import { startSimulatedExchange } from './simulated-exchange.mjs'

const COMMAND_MS = 300_000 // the demo takes about a minute of it
const PROGRAMS = { fullon: 'apps/cli/dist/main.js', 'fullon-ohlcv-service': 'apps/ohlcv-service/dist/main.js' }

const hasCurl = spawnSync('curl', ['--version']).status === 0
const chosen = process.argv.slice(2)
const documents = listDocuments().filter((path) => chosen.length === 0 || chosen.includes(path))
const blocks = documents.flatMap(readBlocks) // all are read first: a missing marker is found at once
const box = mkdtempSync(join(tmpdir(), 'fullon-docs-'))
chmodSync(box, 0o755) // for the account of the embedded Postgres
const programs = writePrograms()
const exchange = await startSimulatedExchange()
try {
  for (const path of documents) await runDocument(path)
} finally {
  await exchange.close()
  rmSync(box, { recursive: true, force: true })
}

async function runDocument(path) {
  const folder = join(box, path.replaceAll('/', '-'))
  const world = await openWorld({
    folder,
    cwd: path.includes('/') ? folder : ROOT, // what npm's scripts run belongs to the repository
    path: `${programs}${delimiter}${process.env.PATH}`,
    ccxtOptions: exchange.ccxtOptions,
    env: { npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? folder, '.npm') },
  })
  const staying = []
  try {
    for (const block of blocks.filter((one) => one.path === path)) staying.push(...(await runBlock(block, world)))
  } finally {
    for (const one of staying) await interrupt(one)
  }
}

/** @returns what goes on running */
async function runBlock({ path, line, code, how, why }, world) {
  const place = `${path}:${line}`
  if (why) console.log(`${place} ${how === 'test' ? `run by ${why}` : `not run: ${why}`}`)
  if (why) return []
  const commands = readCommands(code, world)
  const last = how === 'stays' ? commands.pop() : undefined
  for (const command of commands) {
    if (command.startsWith('curl ') && !hasCurl) {
      console.log(`${place} $ ${command} (skipped: there is no curl here)`)
      continue
    }
    const seconds = await finish(command, world, { timeoutMs: COMMAND_MS })
    console.log(`${place} $ ${command} (${seconds.toFixed(1)} s)`)
  }
  if (!last) return []
  const started = await stay(last, world)
  console.log(`${place} $ ${last} (ready)`)
  return [started]
}

/** What `npm install --global` would put on the reader's PATH. */
function writePrograms() {
  const folder = join(box, 'bin')
  mkdirSync(folder)
  for (const [name, main] of Object.entries(PROGRAMS)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, main)}' "$@"\n`, {
      mode: 0o755,
    })
  }
  return folder
}

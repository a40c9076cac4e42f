// Runs the commands of the documents as they stand, against a simulated exchange and the embedded Postgres, each
// document in a home of its own. Needs a build. `npm run docs [-- PATH …]`
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './packages.mjs'
import { listDocuments, readBlocks } from './sh-blocks.mjs'
import { startSimulatedExchange } from './simulated-exchange.mjs'

const COMMAND_MS = 300_000 // the demo takes about a minute of it
const READY_MS = 60_000
const PROGRAMS = { fullon: 'apps/cli/dist/main.js', 'fullon-ohlcv-service': 'apps/ohlcv-service/dist/main.js' }

const chosen = process.argv.slice(2)
const documents = listDocuments().filter((path) => chosen.length === 0 || chosen.includes(path))
const blocks = documents.flatMap(readBlocks) // all are read first: a missing marker is found at once
const box = mkdtempSync(join(tmpdir(), 'fullon-docs-'))
chmodSync(box, 0o755) // for the account of the embedded Postgres
const exchange = await startSimulatedExchange()
try {
  for (const path of documents) await runDocument(path)
} finally {
  await exchange.close()
  rmSync(box, { recursive: true, force: true })
}

async function runDocument(path) {
  const world = await prepare(path)
  const staying = []
  try {
    for (const { line, code, how, why } of blocks.filter((block) => block.path === path)) {
      if (why) {
        console.log(`${path}:${line} ${how === 'test' ? `run by ${why}` : `not run: ${why}`}`)
        continue
      }
      const commands = code
        .replaceAll(':8080', `:${world.port}`)
        .split(/(?<!\\)\n/)
        .filter((text) => !/^\s*(#|$)/.test(text))
      const last = how === 'stays' ? commands.pop() : undefined
      for (const command of commands) await finish(path, line, command, world)
      if (last) staying.push(await stay(path, line, last, world))
    }
  } finally {
    for (const { child } of staying) process.kill(-child.pid, 'SIGINT') // what Ctrl-C does: to all of them
    for (const { child, place } of staying) {
      for (const end = Date.now() + READY_MS; isRunning(child) && Date.now() < end; ) await sleep(100)
      if (!isRunning(child)) continue
      killGroup(child)
      fail(place, `expected it to end within ${READY_MS / 1000} s of Ctrl-C`)
    }
  }
}

/** Nothing of this machine's user: no home, no database, no Redis; the exchanges are simulated. */
async function prepare(path) {
  const folder = join(box, path.replaceAll('/', '-'))
  const programs = join(folder, 'bin')
  mkdirSync(programs, { recursive: true })
  for (const [name, main] of Object.entries(PROGRAMS)) {
    writeFileSync(join(programs, name), `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, main)}' "$@"\n`, {
      mode: 0o755,
    })
  }
  writeFileSync(join(folder, 'ccxt.json'), JSON.stringify(exchange.ccxtOptions))
  const port = await freePort()
  const env = {
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    HOME: folder,
    npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? folder, '.npm'),
    FULLON_DATA_DIR: join(folder, 'data'),
    FULLON_CCXT_OPTIONS: join(folder, 'ccxt.json'),
    HTTP_PORT: String(port),
  }
  // What npm's scripts run belongs to the repository; everything else may write where it stands.
  return { env, port, cwd: path.includes('/') ? folder : ROOT }
}

async function finish(path, line, command, world) {
  const startedAt = performance.now()
  const { child, output, ended, place } = start(path, line, command, world)
  const timer = setTimeout(() => killGroup(child), COMMAND_MS)
  const code = await ended
  clearTimeout(timer)
  const expected = /# .*exit code 1/.test(command) ? [0, 1] : [0]
  if (!expected.includes(code)) fail(place, `expected exit code ${expected.join(' or ')}, got ${code}\n${output.text}`)
  console.log(`${place} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
}

/** Resolves once it answers `/ready`. */
async function stay(path, line, command, world) {
  const started = start(path, line, command, world)
  const url = `http://127.0.0.1:${world.port}/ready`
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(200)) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) {
      console.log(`${started.place} (ready)`)
      return started
    }
    if (started.child.exitCode !== null) break
  }
  killGroup(started.child)
  fail(started.place, `expected it to be ready within ${READY_MS / 1000} s, got\n${started.output.text}`)
}

function start(path, line, command, { env, cwd }) {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], { cwd, env, detached: true })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output.text += text
    })
  }
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)))
  return { child, output, ended, place: `${path}:${line} $ ${command}` }
}

/** Or anything that it started. */
function isRunning({ pid }) {
  try {
    return process.kill(-pid, 0)
  } catch (error) {
    if (error.code === 'ESRCH') return false
    throw error
  }
}

function killGroup(child) {
  if (isRunning(child)) process.kill(-child.pid, 'SIGKILL')
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function fail(place, message) {
  throw new Error(`docs: ${place}: ${message}`)
}

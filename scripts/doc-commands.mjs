// Runs commands of documents as a reader would, in a home of its own and against a simulated exchange.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_MS = 120_000

/**
 * Nothing of this machine's user: no home, no database, no Redis; the exchanges are simulated.
 *
 * @param {{ folder: string, cwd: string, path: string, ccxtOptions: object, env?: Record<string, string> }} options
 */
export async function openWorld({ folder, cwd, path, ccxtOptions, env }) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'ccxt.json'), JSON.stringify(ccxtOptions))
  const port = await freePort()
  const own = { FULLON_DATA_DIR: join(folder, 'data'), FULLON_CCXT_OPTIONS: join(folder, 'ccxt.json') }
  const certificates = process.env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS }
  return { cwd, port, env: { PATH: path, HOME: folder, HTTP_PORT: String(port), ...own, ...certificates, ...env } }
}

/** The commands of a block, in order; `\` at a line's end goes on, the manuals' port is the world's. */
export function readCommands(code, { port }) {
  return code
    .replaceAll(':8080', `:${port}`)
    .split(/(?<!\\)\n/)
    .filter((text) => !/^\s*(#|$)/.test(text))
}

/** @returns {Promise<number>} how long it took, in seconds */
export async function finish(command, world, { timeoutMs }) {
  const startedAt = performance.now()
  const { child, output, ended } = start(command, world)
  const timer = setTimeout(() => killGroup(child), timeoutMs)
  const code = await ended
  clearTimeout(timer)
  const expected = /# .*exit code 1/.test(command) ? [0, 1] : [0]
  if (!expected.includes(code))
    throw new Error(`$ ${command}\nexpected ${expected.join(' or ')}, got ${code}\n${output.text}`)
  return (performance.now() - startedAt) / 1000
}

/** Resolves once it answers `/ready`. */
export async function stay(command, world) {
  const { child, output } = start(command, world)
  const url = `http://127.0.0.1:${world.port}`
  for (const end = Date.now() + READY_MS; Date.now() < end && child.exitCode === null; await sleep(100)) {
    const isReady = await fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return { command, child, url }
  }
  killGroup(child)
  throw new Error(`$ ${command}\nexpected it to be ready within ${READY_MS / 1000} s, got\n${output.text}`)
}

/** As Ctrl-C does: all that it started gets the signal, and ends. */
export async function interrupt({ command, child }) {
  if (isRunning(child)) process.kill(-child.pid, 'SIGINT')
  for (const end = Date.now() + READY_MS; isRunning(child) && Date.now() < end; ) await sleep(100)
  if (!isRunning(child)) return
  killGroup(child)
  throw new Error(`$ ${command}\nexpected it to end within ${READY_MS / 1000} s of Ctrl-C`)
}

function start(command, { cwd, env }) {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], { cwd, env, detached: true })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output.text += text
    })
  }
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)))
  return { child, output, ended }
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

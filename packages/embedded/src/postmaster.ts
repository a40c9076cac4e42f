import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import type { DataFolder } from './data-folder.js'
import { EmbeddedError } from './errors.js'
import type { Native } from './native.js'
import { forgetDeadPostmaster, isPostmaster, readPostmasterFile } from './postmaster-file.js'
import { asServer, diesWithParent } from './run-program.js'
import type { Account } from './server-account.js'
import { findServerUrl } from './server-url.js'
import { listSettings } from './settings.js'
import { startOnWindows, stopOnWindows } from './windows-server.js'

const POLL_MS = 20
/**
 * A fast shutdown writes all dirty buffers: 128 MB take seconds on a slow disk. One that takes longer is cut, and the next
 * start recovers from the log: Postgres 18.4 never ends one that was asked for while it recovers from a killed I/O worker.
 */
const SHUTDOWN_MS = 10_000

/** A server that accepts connections. */
export interface Postmaster {
  readonly url: string
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>
  stop(): Promise<void>
}

export interface PostmasterOptions {
  readonly folder: DataFolder
  readonly native: Native
  readonly account: Account | undefined
  /** The data need not survive. */
  readonly ephemeral: boolean
  /** More settings, `name=value`; they win. */
  readonly settings?: readonly string[]
  /** Descriptor of a file for its messages. Default: they go where ours go, a keeper's to its log. */
  readonly output?: number
}

/**
 * Adopts the server that an earlier keeper left behind, or waits for its end and starts one.
 *
 * @throws EmbeddedError `START_FAILED`.
 */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  return (await adopt(options)) ?? (await start(options))
}

async function adopt(options: PostmasterOptions): Promise<Postmaster | undefined> {
  const { folder } = options
  const patienceEnds = Date.now() + SHUTDOWN_MS
  for (;;) {
    const file = await readPostmasterFile(folder.cluster)
    if (!file || !(await isPostmaster(file.pid, folder.cluster))) return undefined
    const url = await findServerUrl(folder, file.port)
    if (file.isReady && (await answers(url))) return supervise(file.pid, url, watchExit(file.pid, folder), options)
    if (Date.now() > patienceEnds) await end(file.pid, watchExit(file.pid, folder), ['SIGQUIT', 'SIGKILL'])
    await sleep(POLL_MS)
  }
}

async function start(options: PostmasterOptions): Promise<Postmaster> {
  const { folder, native, ephemeral } = options
  await forgetDeadPostmaster(folder.cluster)
  if (process.platform !== 'win32') return startChild(options)
  const file = (await startOnWindows(folder, native, ephemeral)) && (await readPostmasterFile(folder.cluster))
  if (!file) throw await startError(folder)
  return supervise(file.pid, await findServerUrl(folder, file.port), watchExit(file.pid, folder), options)
}

async function startChild(options: PostmasterOptions): Promise<Postmaster> {
  const { folder } = options
  const child = await spawnServer(options)
  let hasExited = false
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
  exited.then(() => {
    hasExited = true
  })
  while (!hasExited) {
    const file = await readPostmasterFile(folder.cluster)
    // Until it has written its own, the file is that of the server before it.
    if (file?.isReady && file.pid === child.pid) {
      return supervise(file.pid, await findServerUrl(folder, file.port), exited, options)
    }
    await sleep(POLL_MS)
  }
  throw await startError(folder)
}

async function spawnServer({
  folder,
  native,
  account,
  ephemeral,
  output = 2,
  ...options
}: PostmasterOptions): Promise<ChildProcess> {
  await rm(join(folder.run, '.s.PGSQL.5432.lock'), { force: true })
  const settings = [...listSettings(folder, { ephemeral }), ...(options.settings ?? [])].flatMap((setting) => [
    '-c',
    setting,
  ])
  const server = [native.program('postgres'), '-D', folder.cluster, ...settings]
  const [command = '', ...args] = await diesWithParent('INT', server)
  return spawn(command, args, { ...asServer(account), stdio: ['ignore', output, output] })
}

function supervise(pid: number, url: string, exited: Promise<void>, options: PostmasterOptions): Postmaster {
  const { folder, native, ephemeral } = options
  async function stop(): Promise<void> {
    if (process.platform === 'win32') await stopOnWindows(folder, native)
    else await end(pid, exited, ephemeral ? ['SIGQUIT', 'SIGKILL'] : ['SIGINT', 'SIGQUIT', 'SIGKILL'])
  }
  return { url, exited, stop }
}

/** Sends each signal in turn until the process is gone. */
async function end(pid: number, exited: Promise<void>, signals: readonly NodeJS.Signals[]): Promise<void> {
  for (const signal of signals) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const timer = new AbortController()
    const timeout = sleep(SHUTDOWN_MS, 'timeout', { signal: timer.signal }).catch(() => 'stopped')
    const outcome = await Promise.race([exited, timeout])
    timer.abort()
    if (outcome !== 'timeout') return
  }
}

/** For a server that is not our child. */
async function watchExit(pid: number, { cluster }: DataFolder): Promise<void> {
  while (await isPostmaster(pid, cluster)) await sleep(10 * POLL_MS)
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} })
  try {
    await sql`select 1`
    return true
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function startError({ log }: DataFolder): Promise<EmbeddedError> {
  const tail = (await readFile(log, 'utf8').catch(() => '')).slice(-1_000).trim()
  return new EmbeddedError('START_FAILED', `Postgres: expected it to start, got an exit (see ${log}): ${tail}`)
}

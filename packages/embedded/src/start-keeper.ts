import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { EmbeddedError } from './errors.js'
import type { KeeperOptions } from './keeper-protocol.js'
import { PLAIN_ENVIRONMENT } from './run-program.js'

/** A log that has more begins anew with the next start. */
const MOST_LOG_BYTES = 10e6
const { O_APPEND, O_CREAT, O_WRONLY } = constants

/** Starts a keeper, which gives way when there is one. It outlives this process and ends when it has no user. */
export function startKeeper(options: KeeperOptions): ChildProcess {
  const log = openLog(options.folder.log)
  const child = spawn(process.execPath, [...programArguments(), JSON.stringify(options)], {
    cwd: '/',
    detached: true,
    env: PLAIN_ENVIRONMENT,
    stdio: ['ignore', log, log],
    windowsHide: true,
  })
  closeSync(log)
  child.unref()
  return child
}

function openLog(path: string): number {
  try {
    const log = openSync(path, O_APPEND | O_CREAT | O_WRONLY | (constants.O_NOFOLLOW ?? 0), 0o600)
    if (fstatSync(log).size > MOST_LOG_BYTES) ftruncateSync(log)
    return log
  } catch (error) {
    throw new EmbeddedError(
      'UNUSABLE_FOLDER',
      `log: expected ${path} to be writable, got a refusal (run as the user it belongs to, or set FULLON_DATA_DIR to another folder)`,
      { cause: error },
    )
  }
}

/** The built program, or this package's source through tsx, as tests and development run it. */
function programArguments(): string[] {
  const isSource = import.meta.url.endsWith('.ts')
  const program = fileURLToPath(new URL(isSource ? './keeper.ts' : './keeper.js', import.meta.url))
  if (!isSource) return [program]
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, program]
}

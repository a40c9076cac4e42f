import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder the embedded Postgres can use, also when it must not run as root. */
export function makeDataDir(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'fullon-cli-'))
  chmodSync(path, 0o755)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Node's arguments that start the command from its sources. */
export const COMMAND = ['--conditions=@fullon/source', '--import', 'tsx', 'apps/cli/src/main.ts']

/** Starts the command from its sources, as `npm run fullon` does. */
export function startCommand(
  args: readonly string[],
  env: Record<string, string>,
): { child: ChildProcess; finished: Promise<Finished> } {
  const flags = [...COMMAND, ...args]
  const { DATABASE_URL, OHLCV_DATABASE_URL, DB_HOST, REDIS_URL, ...inherited } = process.env
  const child = spawn(process.execPath, flags, { cwd: ROOT, env: { ...inherited, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, finished }
}

export function runCommand(args: readonly string[], env: Record<string, string>): Promise<Finished> {
  return startCommand(args, env).finished
}

import { type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Account } from './server-account.js'

const IS_WINDOWS = process.platform === 'win32'
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => process.platform === 'linux' && existsSync(path))

/** What a program gets to see: nothing of ours such as PGDATA or NODE_OPTIONS. Windows needs its own variables. */
export const PLAIN_ENVIRONMENT = IS_WINDOWS
  ? undefined
  : { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/** How to start a program as `account` so that Linux sends it `signal` when this process dies, however it dies. */
export function asServer(account: Account | undefined): SpawnOptions {
  return { ...account, cwd: '/', env: PLAIN_ENVIRONMENT, windowsHide: true }
}

/** `command` with its arguments, started through setpriv where it is there and knows --pdeathsig (busybox' does not). */
export async function diesWithParent(signal: 'INT' | 'KILL', command: readonly string[]): Promise<readonly string[]> {
  if (!SETPRIV) return command
  const through = [SETPRIV, '--pdeathsig', signal, '--']
  return (await runProgram([...through, '/bin/true'])).ok ? [...through, ...command] : command
}

/** Runs a program to its end; never rejects. */
export function runProgram(
  [command = '', ...args]: readonly string[],
  options: SpawnOptions = {},
): Promise<{ readonly ok: boolean; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ ok: false, output: error.message }))
    child.on('close', (code, signal) => resolve({ ok: code === 0, output: output.trim() || `exit ${signal ?? code}` }))
  })
}

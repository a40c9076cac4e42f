import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { test as base, expect } from 'vitest'

/** What {@link startUser} started. */
const children = new Set<ChildProcess>()

/** A new data folder; whatever happens, no process of it is left when the test ends. */
export const test = base.extend<{ dataDir: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the parameter's text
  dataDir: async ({}, use) => {
    const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'fullon-test-')))
    chmodSync(dataDir, 0o755)
    try {
      await use(dataDir)
      await eventually(() => expect(listProcesses(dataDir)).toEqual([]))
    } finally {
      for (const child of children) child.kill('SIGKILL')
      children.clear()
      for (const pid of listProcesses(dataDir)) kill(pid)
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
    }
  },
})

/** Repeats `check` until it does not throw. */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 15_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(25)
    }
  }
}

/** Keepers and servers of `dataDir`, by their arguments; on Linux whatever works inside it too. */
export function listProcesses(dataDir: string): number[] {
  const byArguments = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .filter((line) => line.includes(`${dataDir}/pgdata`))
    .map((line) => Number.parseInt(line, 10))
  const byFolder = readdirSync('/proc').flatMap((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dataDir}/`) ? [Number(pid)] : []
    } catch {
      return []
    }
  })
  return [...new Set([...byArguments, ...byFolder])]
}

export function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0])
}

export function keeperPid(dataDir: string): number {
  const pid = listProcesses(dataDir).find((candidate) => argumentsOf(candidate).includes('keeper'))
  if (!pid) throw new Error('no keeper')
  return pid
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone already
  }
}

export interface UserProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly attached: boolean
  /** Lets it close and waits for its end. */
  end(): Promise<void>
}

/**
 * Another process that opens `dataDir` and holds it; `as` is what it is started through, such as setpriv, and
 * `library` a built one to use in place of our source.
 */
export async function startUser(
  dataDir: string,
  { as = [], library = '../src/index.js' }: { as?: readonly string[]; library?: string } = {},
): Promise<UserProcess> {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const program = fileURLToPath(new URL('./user-program.ts', import.meta.url))
  const [command = '', ...args] = [...as, process.execPath, '--import', tsx, program, dataDir, library]
  const child = spawn(command, args, { stdio: 'pipe' })
  children.add(child)
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const opened = JSON.parse(line) as { url: string; attached: boolean } // cast: user-program prints it
    async function end(): Promise<void> {
      child.stdin.end()
      await exited
    }
    return { child, ...opened, end }
  }
  throw new Error(`the process ended before it had a server: ${said}`)
}

/** postgres.js on `url`, ended with its block. */
export function connect(url: string): postgres.Sql & AsyncDisposable {
  const sql = postgres(url, { max: 2, onnotice: () => {} })
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end() })
}

function argumentsOf(pid: number): string {
  return execFileSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' })
}

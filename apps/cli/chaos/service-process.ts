import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ServiceOptions } from '@fullon/ohlcv-service'

export interface ServiceEntryOptions {
  readonly service: Pick<ServiceOptions, 'databaseUrl' | 'redisUrl' | 'ccxtOptions' | 'shards' | 'waitMs'>
  readonly clock: { readonly start: number; readonly speed: number; readonly startedAt: number }
  /** How far the process' clock is ahead of that. */
  readonly aheadMs: number
  readonly logFile: string
}

const ENTRY = fileURLToPath(new URL('service-entry.ts', import.meta.url))
/** Real time: the entry's SHUTDOWN_MS, and what the end of a process takes. */
const ENDS_WITHIN_MS = 40_000

/** A service under test. It is expected to end only when it is told to; anything else is a problem. */
export class ServiceProcess {
  readonly #options: Omit<ServiceEntryOptions, 'aheadMs'>
  readonly #onProblem: (problem: string) => void
  #child: ChildProcess | undefined
  #aheadMs = 0
  #told = false
  #said = ''

  constructor(options: Omit<ServiceEntryOptions, 'aheadMs'>, onProblem: (problem: string) => void) {
    this.#options = options
    this.#onProblem = onProblem
    process.once('exit', () => this.#child?.kill('SIGKILL'))
  }

  start(): void {
    if (this.#child) return
    this.#told = false
    // Without the condition that names sources: the built packages, as they are published.
    const flags = ['--import', 'tsx', ENTRY, JSON.stringify({ ...this.#options, aheadMs: this.#aheadMs })]
    const child = spawn(process.execPath, flags, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child = child
    this.#said = ''
    child.stderr?.on('data', (data) => {
      this.#said = `${this.#said}${data}`.slice(-500)
    })
    child.once('close', (code, signal) => {
      this.#child = undefined
      if (!this.#told) this.#onProblem(`the service ended by itself, exit ${code ?? signal}: ${this.#said}`)
    })
  }

  /** Its machine's clock is set. */
  jumpClock(byMs: number): void {
    this.#aheadMs += byMs
    if (this.#child?.connected) this.#child.send({ aheadMs: this.#aheadMs })
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#told = true
    const closed = once(child, 'close')
    child.kill(signal)
    const timer = new AbortController()
    const patience = delay(ENDS_WITHIN_MS, 'late', { signal: timer.signal }).catch(() => 'closed')
    const outcome = await Promise.race([closed, patience])
    timer.abort()
    if (outcome !== 'late') {
      const [code] = outcome as [number | null] // cast: what `close` tells
      if (code) this.#onProblem(`${signal}: expected exit code 0, got ${code}: ${this.#said}`)
      return
    }
    this.#onProblem(`${signal}: expected the service to end within ${ENDS_WITHIN_MS} ms`)
    child.kill('SIGKILL')
    await closed
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ServiceEntryOptions {
  readonly databaseUrl: string
  readonly ccxtOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly clock: { readonly start: number; readonly speed: number; readonly startedAt: number }
  readonly logFile: string
}

const ENTRY = fileURLToPath(new URL('service-entry.ts', import.meta.url))

/** The service under test. It is expected to end only when it is told to; anything else is counted. */
export class ServiceProcess {
  readonly #options: ServiceEntryOptions
  #child: ChildProcess | undefined
  #told = false
  /** Times it ended without being told to, with what it said. */
  readonly crashes: string[] = []

  constructor(options: ServiceEntryOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#child) return
    this.#told = false
    const flags = ['--conditions=@fullon/source', '--import', 'tsx', ENTRY, JSON.stringify(this.#options)]
    const child = spawn(process.execPath, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    let said = ''
    child.stderr.on('data', (data) => {
      said += data
    })
    child.once('close', (code, signal) => {
      this.#child = undefined
      if (!this.#told) this.crashes.push(`exit ${code ?? signal}: ${said.slice(-500)}`)
    })
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#told = true
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
}

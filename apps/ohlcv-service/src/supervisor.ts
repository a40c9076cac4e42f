import type { ExchangeHandler } from '@fullon/exchange'
import type { DatabaseContext } from '@fullon/orm'
import { readConfiguration } from './configuration.js'
import { type RunningSymbol, runSymbol, type SymbolParts } from './run-symbol.js'
import type { SeriesStatus } from './status.js'

export interface SupervisorOptions extends SymbolParts {
  readonly db: DatabaseContext
  readonly adminMail: string | undefined
}

const RETRY_MS = 5_000
const HINT =
  'nothing to collect yet: add a symbol with `fullon symbol add <exchange> <symbol> --backtest 30`, it is picked up by itself'

/** Keeps what runs equal to what the configuration asks for. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #running = new Map<string, RunningSymbol>()
  /** Whether the configuration has been read. */
  configured = false

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  status(): readonly SeriesStatus[] {
    return [...this.#running.values()].flatMap(({ status }) => status)
  }

  handlers(): readonly ExchangeHandler[] {
    return [...new Set([...this.#running.values()].map(({ handler }) => handler))]
  }

  async run(signal: AbortSignal): Promise<void> {
    const { db, clock, log } = this.#options
    try {
      for await (const _ of db.watch({ signal, logger: log })) {
        while (!(await this.#reconcile())) await clock.sleep(RETRY_MS, { signal })
      }
    } catch (err) {
      if (!signal.aborted) throw err
    } finally {
      await Promise.all([...this.#running.keys()].map((key) => this.#stop(key)))
    }
  }

  /** Whether the configuration could be read. */
  async #reconcile(): Promise<boolean> {
    const { db, adminMail, log } = this.#options
    const onInvalid = (symbol: string, err: unknown) => log.error({ symbol, err }, 'symbol cannot be collected')
    try {
      const wanted = await readConfiguration(db, adminMail, onInvalid)
      const gone = [...this.#running.keys()].filter((key) => !wanted.has(key))
      await Promise.all(gone.map((key) => this.#stop(key)))
      for (const [key, entry] of wanted) {
        if (this.#running.has(key)) continue
        const started = runSymbol(this.#options, entry).then((running) => this.#running.set(key, running))
        await started.catch((err) => onInvalid(entry.symbol, err)) // the others go on
      }
      if (wanted.size === 0) log.warn({}, HINT)
      this.configured = true
      return true
    } catch (err) {
      log.warn({ err, delayMs: RETRY_MS }, 'configuration not read, trying again')
      return false
    }
  }

  async #stop(key: string): Promise<void> {
    await this.#running.get(key)?.stop()
    this.#running.delete(key)
  }
}

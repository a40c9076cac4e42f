import type { Clock } from '@fullon/market'
import type { DatabaseContext } from '@fullon/orm'
import type { Simulator } from '@fullon/simulator'
import postgres from 'postgres'
import type { Fault } from './fault-schedule.js'
import type { ServiceProcess } from './service-process.js'

export interface ChaosOptions {
  readonly url: string
  readonly db: DatabaseContext
  readonly simulator: Simulator
  readonly service: ServiceProcess
  readonly clock: Clock
}

const MINUTE_MS = 60_000

/** Does to the system what a fault plan says, and knows what is configured meanwhile. */
export class ChaosFaults implements AsyncDisposable {
  readonly #options: ChaosOptions
  readonly #catExId: number
  readonly #sql: postgres.Sql
  readonly #configured = new Map<string, number>()
  readonly counts: Record<string, number> = {}

  private constructor(options: ChaosOptions, catExId: number) {
    this.#options = options
    this.#catExId = catExId
    this.#sql = postgres(options.url, { max: 1, onnotice: () => {} })
  }

  /** Configures the first symbols. */
  static async open(options: ChaosOptions): Promise<ChaosFaults> {
    const { db, simulator } = options
    const { uid } = await db.users.addUser({ mail: 'chaos@example.com', role: 'admin' })
    const catExId = await db.exchanges.installExchange('kraken')
    await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    await db.exchanges.setExchangeParam(catExId, 'trades', 'on')
    const chaos = new ChaosFaults(options, catExId)
    for (const symbol of simulator.truth.symbols.slice(0, 2)) await chaos.#configure(symbol, 1)
    return chaos
  }

  /** What must be final in the end. */
  wanted(): { readonly symbol: string; readonly backtestDays: number }[] {
    return [...this.#configured].map(([symbol, backtestDays]) => ({ symbol, backtestDays }))
  }

  async apply({ kind, draw }: Fault): Promise<void> {
    const { simulator } = this.#options
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
    const count = 1 + Math.floor(draw * 20)
    switch (kind) {
      case 'dropSockets':
        simulator.faults.dropSockets()
        return
      case 'answer429':
        return simulator.faults.failRequests({ status: 429, count, retryAfterSeconds: 5 })
      case 'answer5xx':
        return simulator.faults.failRequests({ status: 500 + Math.floor(draw * 5), count })
      case 'kill':
        return this.#restart('SIGKILL', draw)
      case 'terminate':
        return this.#restart('SIGTERM', draw)
      case 'cutDatabase':
        await this
          .#sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
        return
      case 'addSymbol':
        return this.#configure(this.#symbol(draw), 1)
      case 'extendBacktest':
        return this.#configure(this.#symbol(draw), 1.5 > draw * 3 ? 1 : 2)
      case 'removeSymbol':
        return this.#remove(this.#symbol(draw))
    }
  }

  /** Faults end: everything is there again and every symbol is wanted. */
  async stop(): Promise<void> {
    for (const symbol of this.#options.simulator.truth.symbols)
      if (!this.#configured.has(symbol)) await this.#configure(symbol, 1)
    this.#options.service.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end()
  }

  #symbol(draw: number): string {
    const { symbols } = this.#options.simulator.truth
    return symbols[Math.floor(draw * symbols.length)] ?? ''
  }

  async #restart(signal: 'SIGKILL' | 'SIGTERM', draw: number): Promise<void> {
    const { service, clock } = this.#options
    await service.end(signal)
    await clock.sleep(draw * 15 * MINUTE_MS)
    service.start()
  }

  async #configure(symbol: string, backtest: number): Promise<void> {
    const { db } = this.#options
    const known = await db.symbols.getBySymbol(symbol, { catExId: this.#catExId })
    if (known) await db.symbols.updateSymbol(known.symbolId, { backtest, active: true })
    else await db.symbols.addSymbol({ symbol, catExId: this.#catExId, backtest })
    this.#configured.set(symbol, backtest)
  }

  async #remove(symbol: string): Promise<void> {
    const { db } = this.#options
    const known = await db.symbols.getBySymbol(symbol, { catExId: this.#catExId })
    if (known) await db.symbols.removeSymbol(known.symbolId)
    this.#configured.delete(symbol)
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseContext, OHLCV_ACCOUNT } from '@fullon/orm'
import type { ChaosExchange, Pair } from './scenario.js'

// Half a minute of real time.
const RETRY_MS = 100
const MOST_ATTEMPTS = 300

/** What an operator has configured, and changes whatever happens to the database meanwhile. */
export class Configured implements AsyncDisposable {
  readonly #db: DatabaseContext
  readonly #catExIds: ReadonlyMap<string, number>
  readonly #exIds: ReadonlyMap<string, number>
  readonly #backtestDays = new Map<Pair, number>()

  private constructor(db: DatabaseContext, catExIds: Map<string, number>, exIds: Map<string, number>) {
    this.#db = db
    this.#catExIds = catExIds
    this.#exIds = exIds
  }

  /** Configures the exchanges, without symbols. */
  static async open(url: string, exchanges: readonly ChaosExchange[]): Promise<Configured> {
    const db = await DatabaseContext.open({ url })
    const { uid } = await db.users.addUser({ mail: 'chaos@example.com', role: 'admin' })
    const [catExIds, exIds] = [new Map<string, number>(), new Map<string, number>()]
    for (const { exchange, trades } of exchanges) {
      const catExId = await db.exchanges.installExchange(exchange, { params: { trades } })
      const exId = await db.exchanges.addUserExchange({ uid, catExId, name: OHLCV_ACCOUNT })
      catExIds.set(exchange, catExId)
      exIds.set(exchange, exId)
    }
    return new Configured(db, catExIds, exIds)
  }

  /** How many days of each pair are wanted. */
  get wanted(): ReadonlyMap<Pair, number> {
    return this.#backtestDays
  }

  async add(pair: Pair, backtest: number): Promise<void> {
    const { symbol, timeframe: updateframe } = pair.symbol
    const catExId = this.#catExId(pair)
    await this.#insist(async () => {
      const known = await this.#db.symbols.getBySymbol(symbol, { catExId })
      if (known) await this.#db.symbols.updateSymbol(known.symbolId, { backtest, active: true })
      else await this.#db.symbols.addSymbol({ symbol, catExId, updateframe, backtest })
    })
    this.#backtestDays.set(pair, backtest)
  }

  async remove(pair: Pair): Promise<void> {
    const catExId = this.#catExId(pair)
    await this.#insist(async () => {
      const known = await this.#db.symbols.getBySymbol(pair.symbol.symbol, { catExId })
      if (known) await this.#db.symbols.removeSymbol(known.symbolId)
    })
    this.#backtestDays.delete(pair)
  }

  async setActive({ exchange }: ChaosExchange, isActive: boolean): Promise<void> {
    const exId = this.#exIds.get(exchange) ?? 0
    const { exchanges } = this.#db
    await this.#insist(() => (isActive ? exchanges.activateExchange(exId) : exchanges.deactivateExchange(exId)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.close()
  }

  #catExId({ exchange }: Pair): number {
    return this.#catExIds.get(exchange.exchange) ?? 0
  }

  /** The database may be away, full, or gone in the middle. */
  async #insist(change: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await change()
        return
      } catch (error) {
        if (attempt === MOST_ATTEMPTS) throw error
        await delay(RETRY_MS)
      }
    }
  }
}

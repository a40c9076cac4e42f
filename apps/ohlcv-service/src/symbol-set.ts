import { marketOf } from '@fullon/daemon'
import { type CollectedSymbol, OHLCV_ACCOUNT } from '@fullon/orm'
import { type RunningSymbol, runSymbol, type SymbolParts } from './run-symbol.js'

/** The symbols that are being collected. */
export class SymbolSet {
  readonly #parts: SymbolParts
  readonly #running = new Map<string, RunningSymbol>()
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: SymbolParts) {
    this.#parts = parts
  }

  running(): readonly RunningSymbol[] {
    return [...this.#running.values()]
  }

  /** Starts those that do not run yet and ends the others, which is asked of them at once. */
  keep(wanted: readonly CollectedSymbol[]): Promise<void> {
    const kept = new Map(wanted.map((one) => [keyOf(one), one]))
    for (const [key, { stopping }] of this.#running) if (!kept.has(key)) stopping.abort()
    this.#turn = this.#turn.then(() => this.#change(kept)) // one change after the other
    return this.#turn
  }

  async #change(kept: ReadonlyMap<string, CollectedSymbol>): Promise<void> {
    const gone = [...this.#running].filter(([key, { stopping }]) => stopping.signal.aborted || !kept.has(key))
    await Promise.all(gone.map(([key, running]) => this.#stop(key, running)))
    for (const [key, wanted] of kept) {
      const running = this.#running.get(key)
      if (!running) this.#start(key, wanted)
      else if (JSON.stringify(running.wanted) !== JSON.stringify(wanted)) running.wanted = wanted
    }
    const used = new Set(this.running().map(({ wanted }) => marketOf(wanted)))
    for (const [, { wanted }] of gone) {
      const { exchange, sandbox } = wanted
      if (!used.has(marketOf(wanted))) await this.#parts.queue.closeHandler(exchange, OHLCV_ACCOUNT, { sandbox })
    }
  }

  #start(key: string, wanted: CollectedSymbol): void {
    const running = runSymbol(this.#parts, wanted)
    running.ended.catch(this.#parts.onBroken)
    this.#running.set(key, running)
  }

  async #stop(key: string, { stopping, ended }: RunningSymbol): Promise<void> {
    stopping.abort()
    await ended.catch(() => {}) // heard by `onBroken`
    this.#running.delete(key)
  }
}

/** What collectors are made for; another timeframe needs others. More or less history does not. */
function keyOf({ exchange, sandbox, symbol, timeframe, trades }: CollectedSymbol): string {
  return JSON.stringify([exchange, sandbox, symbol, timeframe, trades])
}

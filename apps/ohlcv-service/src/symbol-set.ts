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
    const { queue, log } = this.#parts
    const gone = [...this.#running].filter(([key, { stopping }]) => stopping.signal.aborted || !kept.has(key))
    await Promise.all(gone.map(([key]) => this.#stop(key)))
    for (const [key, wanted] of kept) {
      await this.#keep(key, wanted).catch((err) =>
        log.error({ symbol: wanted.symbol, err }, 'symbol cannot be collected'),
      )
    }
    const handlers = new Set(this.running().map(({ context }) => context.handler))
    for (const [, { context }] of gone) {
      const { exchange, sandbox } = context.wanted
      if (!handlers.has(context.handler)) await queue.closeHandler(exchange, OHLCV_ACCOUNT, { sandbox })
    }
  }

  async #keep(key: string, wanted: CollectedSymbol): Promise<void> {
    const context = this.#running.get(key)?.context
    if (!context) this.#running.set(key, await runSymbol(this.#parts, wanted))
    else if (JSON.stringify(context.wanted) !== JSON.stringify(wanted)) {
      context.wanted = wanted
      // What was not to be had may be asked for again now.
      await Promise.all([context.candles.clearUnavailable(), context.trades.clearUnavailable()])
    }
  }

  async #stop(key: string): Promise<void> {
    const running = this.#running.get(key)
    running?.stopping.abort()
    await running?.ended
    this.#running.delete(key)
  }
}

/** What collectors are made for; another timeframe needs others. More or less history does not. */
function keyOf({ exchange, sandbox, symbol, timeframe, trades }: CollectedSymbol): string {
  return JSON.stringify([exchange, sandbox, symbol, timeframe, trades])
}

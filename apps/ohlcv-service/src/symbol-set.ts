import { marketOf, WorkSet } from '@fullon/daemon'
import { type CollectedSymbol, OHLCV_ACCOUNT } from '@fullon/orm'
import { type RunningSymbol, runSymbol, type SymbolParts } from './run-symbol.js'

/** The symbols that are being collected. */
export type SymbolSet = WorkSet<CollectedSymbol, RunningSymbol>

/** @param onBroken is told of what ended a collector, a bug */
export function createSymbolSet(parts: SymbolParts, onBroken: (err: unknown) => void): SymbolSet {
  const symbols: SymbolSet = new WorkSet({
    keyOf,
    start: (wanted) => runSymbol(parts, wanted),
    onBroken,
    /** Closes the exchanges of which nothing is collected any more. */
    async onStopped(stopped) {
      const used = new Set(symbols.running().map(({ wanted }) => marketOf(wanted)))
      for (const { exchange, sandbox } of stopped.filter((one) => !used.has(marketOf(one))))
        await parts.queue.closeHandler(exchange, OHLCV_ACCOUNT, { sandbox })
    },
  })
  return symbols
}

/** What collectors are made for; another timeframe needs others. More or less history does not. */
function keyOf({ exchange, sandbox, symbol, timeframe, trades }: CollectedSymbol): string {
  return JSON.stringify([exchange, sandbox, symbol, timeframe, trades])
}

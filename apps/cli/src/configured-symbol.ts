import type { DatabaseContext, SymbolRow } from '@fullon/orm'
import { selectByName } from './select-by-name.js'

export interface ConfiguredSymbol extends SymbolRow {
  /** ccxt id. */
  readonly exchange: string
}

/** In the order they were added. */
export async function listConfigured(db: DatabaseContext): Promise<ConfiguredSymbol[]> {
  const names = new Map((await db.exchanges.getCatExchanges()).map(({ catExId, name }) => [catExId, name]))
  return (await db.symbols.getAll()).map((row) => ({ exchange: names.get(row.catExId) ?? '?', ...row }))
}

/** @throws CommandError that names the nearest one where there is none */
export async function findConfigured(db: DatabaseContext, exchange: string, symbol: string): Promise<ConfiguredSymbol> {
  const [found] = selectByName(await listConfigured(db), { exchange, symbol })
  return found as ConfiguredSymbol // cast: else it has thrown
}

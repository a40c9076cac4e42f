import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Connection } from '../connection.js'
import { catExchanges } from '../schema/cat-exchanges.js'
import { catExchangesParams } from '../schema/cat-exchanges-params.js'
import { exchanges } from '../schema/exchanges.js'
import { symbols } from '../schema/symbols.js'
import type { SymbolRow } from './symbol-repository.js'

/** A symbol to collect, with what its exchange is and how it is set. */
export interface CollectedSymbol extends SymbolRow {
  /** ccxt id. */
  readonly exchange: string
  /** On the exchange's sandbox. */
  readonly test: boolean
  /** Every setting of the catalogue exchange; none is `{}`. */
  readonly params: Readonly<Record<string, string>>
}

/** @internal */
export function selectCollected(connection: Connection, uid: number): Promise<CollectedSymbol[]> {
  const params = sql<Record<string, string>>`coalesce((
    select jsonb_object_agg(${catExchangesParams.name}, ${catExchangesParams.value})
    from ${catExchangesParams} where ${eq(catExchangesParams.catExId, symbols.catExId)}), '{}')`
  return connection.run('symbols.getCollected', (db) =>
    db
      .selectDistinct({ ...getTableColumns(symbols), exchange: catExchanges.name, test: exchanges.test, params })
      .from(symbols)
      .innerJoin(catExchanges, eq(catExchanges.catExId, symbols.catExId))
      .innerJoin(exchanges, eq(exchanges.catExId, symbols.catExId))
      .where(and(eq(exchanges.uid, uid), eq(exchanges.active, true), eq(symbols.active, true)))
      .orderBy(asc(symbols.symbolId), asc(exchanges.test)),
  )
}

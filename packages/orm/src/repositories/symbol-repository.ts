import { and, asc, eq, getTableColumns, type SQL } from 'drizzle-orm'
import type { Connection } from '../connection.js'
import { containsText } from '../contains-text.js'
import { notFound } from '../errors.js'
import { catExchanges } from '../schema/cat-exchanges.js'
import { symbols } from '../schema/symbols.js'
import { parseSymbol, validateSettings } from '../validate-symbol.js'
import { type CollectedSymbol, selectCollected } from './collected-symbols.js'

/** What is collected of one symbol. Not named `Symbol`, which would hide the language's. */
export interface SymbolRow {
  readonly symbolId: number
  /** ccxt unified, such as `BTC/USD` or `BTC/USDT:USDT`. */
  readonly symbol: string
  readonly catExId: number
  /** The timeframe to store, such as `1m`; what another program wrote is not checked. */
  readonly updateframe: string
  /** Days of history; 0 is live only. */
  readonly backtest: number
  readonly decimals: number
  readonly base: string
  readonly quote: string | null
  /** The exchange's own name of `base`. */
  readonly exBase: string | null
  readonly futures: boolean
  readonly onlyTicker: boolean
  readonly active: boolean
}

/** What has no default is derived from the symbol. */
export interface NewSymbol {
  readonly symbol: string
  readonly catExId: number
  /** Default: `1m`. */
  readonly updateframe?: string
  /** Days. Default: 0. */
  readonly backtest?: number
  /** Default: 8. */
  readonly decimals?: number
  readonly base?: string
  readonly quote?: string
  /** Default: none. */
  readonly exBase?: string | null
  readonly futures?: boolean
  /** Default: false. */
  readonly onlyTicker?: boolean
  /** Default: true. */
  readonly active?: boolean
}

export type SymbolChanges = Partial<Omit<SymbolRow, 'symbolId' | 'symbol' | 'catExId'>>

export interface SymbolFilter {
  /** Default: both. */
  readonly active?: boolean
}

export interface SymbolQuery extends SymbolFilter {
  /** Only those of this ccxt id. */
  readonly exchange?: string
  /** At most so many; all by default. */
  readonly limit?: number
}

export class SymbolRepository {
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The symbols of a catalogue exchange, in the order they were added, inactive ones included. */
  async getByExchangeId(catExId: number, filter: SymbolFilter = {}): Promise<SymbolRow[]> {
    return this.#list('symbols.getByExchangeId', filter, eq(symbols.catExId, catExId))
  }

  /** The symbols of every exchange, in the order they were added. */
  async getAll(query: SymbolQuery = {}): Promise<SymbolRow[]> {
    return this.#list('symbols.getAll', query)
  }

  /**
   * Whose candles are to be collected for a user: the active symbols of the exchanges where the user has an active
   * account, each once however many accounts there are, without those that have only a ticker.
   *
   * @param onInvalid is told of a symbol that is set wrong, `INVALID`; the others go on.
   */
  async getCollected(
    uid: number,
    { onInvalid = () => {} }: { readonly onInvalid?: (symbol: string, error: unknown) => void } = {},
  ): Promise<CollectedSymbol[]> {
    return selectCollected(this.#connection, uid, onInvalid)
  }

  /** Symbols that contain `text`, in any case, in the order they were added. */
  async searchSymbols(text: string, query: SymbolQuery = {}): Promise<SymbolRow[]> {
    return this.#list('symbols.searchSymbols', query, containsText(text, symbols.symbol))
  }

  /** The first of that name, on `catExId` or on any exchange. */
  async getBySymbol(symbol: string, { catExId }: { readonly catExId?: number } = {}): Promise<SymbolRow | undefined> {
    const onExchange = catExId === undefined ? undefined : eq(symbols.catExId, catExId)
    const [row] = await this.#list('symbols.getBySymbol', { limit: 1 }, and(eq(symbols.symbol, symbol), onExchange))
    return row
  }

  async getById(symbolId: number): Promise<SymbolRow | undefined> {
    const [row] = await this.#list('symbols.getById', {}, eq(symbols.symbolId, symbolId))
    return row
  }

  /**
   * @throws OrmError `DUPLICATE` when the exchange has that symbol; `INVALID` for a symbol that is not in
   * ccxt's unified form, an unknown timeframe, a `backtest` that is not a whole number ≥ 0, or no such exchange.
   */
  async addSymbol({
    symbol,
    catExId,
    updateframe = '1m',
    backtest = 0,
    decimals = 8,
    exBase = null,
    onlyTicker = false,
    active = true,
    ...given
  }: NewSymbol): Promise<SymbolRow> {
    validateSettings({ updateframe, backtest, decimals })
    const { base, quote, futures } = { ...parseSymbol(symbol), ...given }
    const settings = { updateframe, backtest, decimals, exBase, onlyTicker, active }
    const [row] = await this.#connection.run('symbols.addSymbol', (db) =>
      db
        .insert(symbols)
        .values({ symbol, catExId, base, quote, futures, ...settings })
        .returning(),
    )
    return row as SymbolRow // cast: an insert returns its row
  }

  /**
   * Changes what `changes` holds. Another symbol or exchange is another row: add that, remove this.
   *
   * @throws OrmError `NOT_FOUND`; `INVALID` as in `addSymbol`.
   */
  async updateSymbol(
    symbolId: number,
    { updateframe, backtest, decimals, base, quote, exBase, futures, onlyTicker, active }: SymbolChanges,
  ): Promise<SymbolRow> {
    // One by one: whatever else an untyped caller passes, such as another id, is not stored.
    const changes = { updateframe, backtest, decimals, base, quote, exBase, futures, onlyTicker, active }
    validateSettings(changes)
    const [row] = await this.#connection.run('symbols.updateSymbol', (db) =>
      db
        .update(symbols)
        .set({ symbolId, ...changes }) // the id, so that no changes at all are a statement too
        .where(eq(symbols.symbolId, symbolId))
        .returning(),
    )
    if (row) return row
    throw notFound('symbols.updateSymbol', { symbolId })
  }

  /** @throws OrmError `NOT_FOUND`; `INVALID` when another table of fullon still refers to it. */
  async removeSymbol(symbolId: number): Promise<void> {
    const removed = await this.#connection.run('symbols.removeSymbol', (db) =>
      db.delete(symbols).where(eq(symbols.symbolId, symbolId)).returning({ symbolId: symbols.symbolId }),
    )
    if (removed.length === 0) throw notFound('symbols.removeSymbol', { symbolId })
  }

  async #list(subject: string, { exchange, active, limit }: SymbolQuery, which?: SQL): Promise<SymbolRow[]> {
    const onExchange = exchange === undefined ? undefined : eq(catExchanges.name, exchange)
    const isActive = active === undefined ? undefined : eq(symbols.active, active)
    return this.#connection.run(subject, (db) => {
      const query = db
        .select(getTableColumns(symbols))
        .from(symbols)
        .innerJoin(catExchanges, eq(catExchanges.catExId, symbols.catExId))
        .where(and(which, onExchange, isActive))
        .orderBy(asc(symbols.symbolId))
      return limit === undefined ? query : query.limit(limit)
    })
  }
}

import { and, asc, eq, type SQL } from 'drizzle-orm'
import type { Connection, Database } from '../connection.js'
import { notFound, OrmError } from '../errors.js'
import { catExchanges } from '../schema/cat-exchanges.js'
import { catExchangesParams } from '../schema/cat-exchanges-params.js'
import { exchanges } from '../schema/exchanges.js'

/** An exchange of the catalogue. */
export interface CatExchange {
  readonly catExId: number
  /** ccxt id, such as `kraken`. */
  readonly name: string
  readonly ohlcvView: string | null
}

/** A user's account on an exchange. */
export interface UserExchange {
  readonly exId: number
  readonly uid: number
  readonly catExId: number
  /** The catalogue's: ccxt id, such as `kraken`. */
  readonly name: string
  readonly accountName: string
  /** On the exchange's sandbox. */
  readonly test: boolean
  readonly active: boolean
}

export interface NewUserExchange {
  readonly uid: number
  readonly catExId: number
  /** The account's. */
  readonly name: string
  /** Default: false. */
  readonly test?: boolean
  /** Default: true. */
  readonly active?: boolean
}

/** What is not given stays as it is. */
export interface CatExchangeSettings {
  readonly ohlcvView?: string | null
  readonly params?: Readonly<Record<string, string>>
}

/** The account name under which fullon asks for market data. */
export const OHLCV_ACCOUNT = 'ohlcv_account'

export class ExchangeRepository {
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The accounts of a user, oldest first. */
  async getUserExchanges(uid: number): Promise<UserExchange[]> {
    return this.#connection.run('exchanges.getUserExchanges', (db) => selectAccounts(db, eq(exchanges.uid, uid)))
  }

  async getExchange(exId: number): Promise<UserExchange | undefined> {
    const accounts = await this.#connection.run('exchanges.getExchange', (db) =>
      selectAccounts(db, eq(exchanges.exId, exId)),
    )
    return accounts[0]
  }

  /** The `exId` of a user's account; the oldest where accounts of that name are on several exchanges. */
  async getExchangeId(accountName: string, uid: number): Promise<number | undefined> {
    const isAccount = and(eq(exchanges.name, accountName), eq(exchanges.uid, uid))
    const accounts = await this.#connection.run('exchanges.getExchangeId', (db) => selectAccounts(db, isAccount))
    return accounts[0]?.exId
  }

  /** The `catExId` of a catalogue exchange, by its ccxt id. */
  async getExchangeCatId(name: string): Promise<number | undefined> {
    const [row] = await this.#connection.run('exchanges.getExchangeCatId', (db) =>
      db.select({ catExId: catExchanges.catExId }).from(catExchanges).where(eq(catExchanges.name, name)),
    )
    return row?.catExId
  }

  /** The catalogue, oldest first. */
  async getCatExchanges(): Promise<CatExchange[]> {
    return this.#connection.run('exchanges.getCatExchanges', (db) =>
      db.select().from(catExchanges).orderBy(asc(catExchanges.catExId)),
    )
  }

  /**
   * Puts an exchange into the catalogue if it is not there, and sets what `settings` holds.
   *
   * @param name ccxt id.
   * @returns its `catExId`.
   * @throws OrmError `INVALID` for a name that cannot be a ccxt id.
   */
  async installExchange(name: string, { ohlcvView, params = {} }: CatExchangeSettings = {}): Promise<number> {
    if (!/^[a-z0-9_]+$/.test(name)) {
      throw new OrmError('INVALID', `exchanges.installExchange: expected a ccxt id, got ${JSON.stringify(name)}`)
    }
    const catExId = (await this.getExchangeCatId(name)) ?? (await this.#addToCatalogue(name))
    if (ohlcvView !== undefined) {
      await this.#connection.run('exchanges.installExchange', (db) =>
        db.update(catExchanges).set({ ohlcvView }).where(eq(catExchanges.catExId, catExId)),
      )
    }
    for (const [param, value] of Object.entries(params)) await this.setExchangeParam(catExId, param, value)
    return catExId
  }

  /**
   * @returns its `exId`.
   * @throws OrmError `DUPLICATE` when the user has an account of that name on that exchange;
   * `INVALID` when there is no such user or exchange.
   */
  async addUserExchange({ uid, catExId, name, test = false, active = true }: NewUserExchange): Promise<number> {
    const [row] = await this.#connection.run('exchanges.addUserExchange', (db) =>
      db.insert(exchanges).values({ uid, catExId, name, test, active }).returning({ exId: exchanges.exId }),
    )
    return (row as { exId: number }).exId // cast: an insert returns its row
  }

  /** @throws OrmError `NOT_FOUND`. */
  async activateExchange(exId: number): Promise<void> {
    await this.#setActive('exchanges.activateExchange', exId, true)
  }

  /** @throws OrmError `NOT_FOUND`. */
  async deactivateExchange(exId: number): Promise<void> {
    await this.#setActive('exchanges.deactivateExchange', exId, false)
  }

  /** @throws OrmError `NOT_FOUND`; `INVALID` when another table of fullon still refers to the account. */
  async removeUserExchange(exId: number): Promise<void> {
    const removed = await this.#connection.run('exchanges.removeUserExchange', (db) =>
      db.delete(exchanges).where(eq(exchanges.exId, exId)).returning({ exId: exchanges.exId }),
    )
    if (removed.length === 0) throw notFound('exchanges.removeUserExchange', { exId })
  }

  /** Every setting of a catalogue exchange; none is `{}`. */
  async getExchangeParams(catExId: number): Promise<Readonly<Record<string, string>>> {
    const rows = await this.#connection.run('exchanges.getExchangeParams', (db) =>
      db.select().from(catExchangesParams).where(eq(catExchangesParams.catExId, catExId)),
    )
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  }

  /**
   * Sets one setting; `undefined` removes it.
   *
   * @throws OrmError `INVALID` when there is no such exchange.
   */
  async setExchangeParam(catExId: number, name: string, value: string | undefined): Promise<void> {
    const { catExId: exchange, name: param } = catExchangesParams
    await this.#connection.run<unknown>('exchanges.setExchangeParam', (db) =>
      value === undefined
        ? db.delete(catExchangesParams).where(and(eq(exchange, catExId), eq(param, name)))
        : db
            .insert(catExchangesParams)
            .values({ catExId, name, value })
            .onConflictDoUpdate({ target: [exchange, param], set: { value } }),
    )
  }

  async #addToCatalogue(name: string): Promise<number> {
    await this.#connection.run('exchanges.installExchange', (db) =>
      db.insert(catExchanges).values({ name }).onConflictDoNothing(),
    )
    return (await this.getExchangeCatId(name)) as number // cast: it is there now, by us or by another who was faster
  }

  async #setActive(subject: string, exId: number, active: boolean): Promise<void> {
    const changed = await this.#connection.run(subject, (db) =>
      db.update(exchanges).set({ active }).where(eq(exchanges.exId, exId)).returning({ exId: exchanges.exId }),
    )
    if (changed.length === 0) throw notFound(subject, { exId })
  }
}

/**
 * Accounts with the ccxt id of their exchange, oldest first.
 *
 * @internal
 */
export function selectAccounts(db: Database, which?: SQL) {
  return db
    .select({
      exId: exchanges.exId,
      uid: exchanges.uid,
      catExId: exchanges.catExId,
      name: catExchanges.name,
      accountName: exchanges.name,
      test: exchanges.test,
      active: exchanges.active,
    })
    .from(exchanges)
    .innerJoin(catExchanges, eq(catExchanges.catExId, exchanges.catExId))
    .where(which)
    .orderBy(asc(exchanges.exId))
}

import { asc } from 'drizzle-orm'
import type { Database } from '../connection.js'
import { type CatExchange, selectAccounts, type UserExchange } from '../repositories/exchange-repository.js'
import type { SymbolRow } from '../repositories/symbol-repository.js'
import { USER_COLUMNS, type User } from '../repositories/user-repository.js'
import { catExchanges } from '../schema/cat-exchanges.js'
import { catExchangesParams } from '../schema/cat-exchanges-params.js'
import { symbols } from '../schema/symbols.js'
import { users } from '../schema/users.js'

/** A setting of a catalogue exchange. */
export interface CatExchangeParam {
  readonly catExId: number
  readonly name: string
  readonly value: string
}

/** What a row of each table is read as. */
interface Rows {
  readonly users: User
  readonly cat_exchanges: CatExchange
  readonly cat_exchanges_params: CatExchangeParam
  readonly exchanges: UserExchange
  readonly symbols: SymbolRow
}

type RowOf<Table extends keyof Rows> = {
  readonly table: Table
  /** Absent: it was added. */
  readonly before?: Rows[Table]
  /** Absent: it was removed. */
  readonly after?: Rows[Table]
}

/** A row that is not as it was. */
export type Change = { [Table in keyof Rows]: RowOf<Table> }[keyof Rows]

/** Every row by its table and key. */
export type Snapshot = ReadonlyMap<string, Change>

/**
 * Reads all that is watched, as of one moment.
 *
 * @internal
 */
export function readSnapshot(db: Database): Promise<Snapshot> {
  return db.transaction(
    async (moment) => {
      const rows = new Map<string, Change>()
      const add = (change: Change, ...key: (number | string)[]) =>
        rows.set(JSON.stringify([change.table, ...key]), change)
      for (const after of await moment.select(USER_COLUMNS).from(users).orderBy(asc(users.uid))) {
        add({ table: 'users', after }, after.uid)
      }
      for (const after of await moment.select().from(catExchanges).orderBy(asc(catExchanges.catExId))) {
        add({ table: 'cat_exchanges', after }, after.catExId)
      }
      for (const after of await moment.select().from(catExchangesParams)) {
        add({ table: 'cat_exchanges_params', after }, after.catExId, after.name)
      }
      for (const after of await selectAccounts(moment)) add({ table: 'exchanges', after }, after.exId)
      for (const after of await moment.select().from(symbols).orderBy(asc(symbols.symbolId))) {
        add({ table: 'symbols', after }, after.symbolId)
      }
      return rows
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
}

/** What leads from `before` to `after`: added and changed rows in the order they were read, then removed ones. */
export function compareSnapshots(before: Snapshot, after: Snapshot): Change[] {
  const changes: Change[] = []
  for (const [key, row] of after) {
    const known = before.get(key)
    if (!known) changes.push(row)
    else if (!isSame(known, row)) changes.push({ table: row.table, before: known.after, after: row.after } as Change) // cast: the key holds the table
  }
  for (const [key, row] of before) {
    if (!after.has(key)) changes.push({ table: row.table, before: row.after } as Change) // cast: as above
  }
  return changes
}

/** Rows come with their columns in one order. */
function isSame(one: Change, other: Change): boolean {
  return JSON.stringify(one.after) === JSON.stringify(other.after)
}

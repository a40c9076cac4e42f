import { boolean, integer, pgTable, serial, text, unique } from 'drizzle-orm/pg-core'
import { catExchanges } from './cat-exchanges.js'
import { epochMs, nowUtc } from './epoch-ms.js'
import { users } from './users.js'

/** A user's account on a catalogue exchange. */
export const exchanges = pgTable(
  'exchanges',
  {
    exId: serial('ex_id').primaryKey(),
    uid: integer('uid')
      .notNull()
      .references(() => users.uid),
    catExId: integer('cat_ex_id')
      .notNull()
      .references(() => catExchanges.catExId),
    /** The account's. */
    name: text('name').notNull(),
    test: boolean('test').notNull().default(false),
    active: boolean('active').notNull().default(true),
    timestamp: epochMs('timestamp').notNull().default(nowUtc),
  },
  (table) => [unique().on(table.uid, table.catExId, table.name)],
)

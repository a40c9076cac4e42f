import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { catExchanges } from './cat-exchanges.js'

/** Settings of a catalogue exchange, as text. */
export const catExchangesParams = pgTable(
  'cat_exchanges_params',
  {
    catExId: integer('cat_ex_id')
      .notNull()
      .references(() => catExchanges.catExId),
    name: text('name').notNull(),
    value: text('value').notNull(),
  },
  (table) => [primaryKey({ columns: [table.catExId, table.name] })],
)

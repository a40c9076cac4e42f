import { pgTable, serial, text } from 'drizzle-orm/pg-core'

/** The catalogue: exchanges this installation knows. */
export const catExchanges = pgTable('cat_exchanges', {
  catExId: serial('cat_ex_id').primaryKey(),
  /** ccxt id. */
  name: text('name').notNull().unique(),
  ohlcvView: text('ohlcv_view'),
})

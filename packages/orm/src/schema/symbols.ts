import { boolean, integer, pgTable, serial, text, unique } from 'drizzle-orm/pg-core'
import { catExchanges } from './cat-exchanges.js'

/** What is collected on a catalogue exchange. */
export const symbols = pgTable(
  'symbols',
  {
    symbolId: serial('symbol_id').primaryKey(),
    /** ccxt unified. */
    symbol: text('symbol').notNull(),
    catExId: integer('cat_ex_id')
      .notNull()
      .references(() => catExchanges.catExId),
    updateframe: text('updateframe').notNull().default('1m'),
    /** Days; 0 is live only. */
    backtest: integer('backtest').notNull().default(0),
    decimals: integer('decimals').notNull().default(8),
    base: text('base').notNull(),
    quote: text('quote'),
    exBase: text('ex_base'),
    futures: boolean('futures').notNull().default(false),
    onlyTicker: boolean('only_ticker').notNull().default(false),
    active: boolean('active').notNull().default(true),
  },
  (table) => [unique().on(table.catExId, table.symbol)],
)

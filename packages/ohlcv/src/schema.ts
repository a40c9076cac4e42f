import type { EpochMs, Span, Timeframe } from '@fullon/market'
import { boolean, customType, doublePrecision, integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core'
import { formatSpans, formatTime, parseSpans } from './sql/literals.js'

// The tables as `migrations/` makes them, for drizzle. What drizzle cannot say (partitions, collation) is only there.

const epochMs = customType<{ data: EpochMs; driverData: string }>({
  dataType: () => 'timestamptz',
  toDriver: formatTime,
  fromDriver: (value) => new Date(value).getTime(), // pg has made a Date of it
})

const spans = customType<{ data: Span[]; driverData: string }>({
  dataType: () => 'tstzmultirange',
  toDriver: formatSpans,
  fromDriver: parseSpans,
})

const span = customType<{ data: Span; driverData: string }>({
  dataType: () => 'tstzrange',
  fromDriver: (value) => parseSpans(value)[0] ?? { since: 0, until: 0 },
})

const ohlcv = pgSchema('ohlcv')

export const series = ohlcv.table('series', {
  seriesId: integer('series_id').primaryKey().generatedAlwaysAsIdentity(),
  exchange: text().notNull(),
  sandbox: boolean().notNull().default(false),
  symbol: text().notNull(),
  /** Null: trades. */
  timeframe: text().$type<Timeframe>(),
})

export const coverage = ohlcv.table('coverage', {
  seriesId: integer('series_id').primaryKey(),
  covered: spans().notNull(),
  confirmed: spans().notNull(),
  built: spans().notNull(),
})

export const unavailable = ohlcv.table('unavailable', {
  seriesId: integer('series_id').notNull(),
  span: span().notNull(),
  reason: text().notNull(),
  notedAt: epochMs('noted_at').notNull(),
})

export const candles = ohlcv.table(
  'candles',
  {
    seriesId: integer('series_id').notNull(),
    timestamp: epochMs().notNull(),
    open: doublePrecision().notNull(),
    high: doublePrecision().notNull(),
    low: doublePrecision().notNull(),
    close: doublePrecision().notNull(),
    volume: doublePrecision().notNull(),
  },
  (table) => [primaryKey({ columns: [table.seriesId, table.timestamp] })],
)

export const trades = ohlcv.table(
  'trades',
  {
    seriesId: integer('series_id').notNull(),
    timestamp: epochMs().notNull(),
    tradeId: text('trade_id').notNull(),
    side: text().$type<'buy' | 'sell'>().notNull(),
    price: doublePrecision().notNull(),
    amount: doublePrecision().notNull(),
  },
  (table) => [primaryKey({ columns: [table.seriesId, table.timestamp, table.tradeId] })],
)

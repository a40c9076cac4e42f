import type { Candle, EpochMs, Trade } from '@fullon/market'
import type { SeriesBounds } from './find-bounds.js'
import { formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { raw, sql } from './sql.js'

export interface Slice {
  /** All of them when undefined. */
  readonly limit?: number | undefined
  /** Which end `limit` counts from. */
  readonly from: 'oldest' | 'newest'
}

export interface TradeSlice extends Slice {
  /** Only what comes after this one. */
  readonly after?: Trade | undefined
}

// Ordered by the column, never by the alias that is a number: that would not use the index.

/** Ascending. */
export async function readCandles(
  connection: Queryable,
  bounds: SeriesBounds,
  { limit, from }: Slice,
): Promise<Candle[]> {
  const select = sql`
    select "timestamp", open, high, low, close, volume
    from ohlcv.candles where ${isInside(bounds)}
    order by "timestamp" ${direction(from)} limit ${limit ?? null}`
  const rows = await connection.read<Candle>(select, (reader) => ({
    timestamp: reader.time(),
    open: reader.float8(),
    high: reader.float8(),
    low: reader.float8(),
    close: reader.float8(),
    volume: reader.float8(),
  }))
  return ascending(rows, from)
}

/** Ascending as `compareTrades` of @fullon/market does. */
export async function readTrades(
  connection: Queryable,
  bounds: SeriesBounds,
  { limit, from, after }: TradeSlice,
): Promise<Trade[]> {
  const rest = after
    ? sql`and ("timestamp", length(trade_id), trade_id)
        > (${formatTime(after.timestamp)}::timestamptz, length(${after.id}::text), ${after.id}::text)`
    : sql``
  const select = sql`
    select "timestamp", trade_id, side, price, amount
    from ohlcv.trades where ${isInside(bounds)} ${rest}
    order by "timestamp" ${direction(from)}, length(trade_id) ${direction(from)}, trade_id ${direction(from)}
    limit ${limit ?? null}`
  const rows = await connection.read<Trade>(select, (reader) => ({
    timestamp: reader.time(),
    id: reader.text(),
    side: reader.text() as Trade['side'], // cast: the table's own check
    price: reader.float8(),
    amount: reader.float8(),
  }))
  return ascending(rows, from)
}

/** Of the oldest or newest row. */
export async function readEdge(
  connection: Queryable,
  table: 'candles' | 'trades',
  bounds: SeriesBounds,
  from: Slice['from'],
): Promise<EpochMs | undefined> {
  const name = raw(`ohlcv.${table}`)
  const [row] = await connection.query<{ timestamp: EpochMs }>(sql`
    select round(date_part('epoch', stored."timestamp") * 1000) as "timestamp"
    from ${name} as stored where ${isInside(bounds)}
    order by stored."timestamp" ${direction(from)} limit 1`)
  return row?.timestamp
}

function isInside({ seriesId, since, until }: SeriesBounds) {
  return sql`series_id = ${seriesId}
    and "timestamp" >= ${formatTime(since)}::timestamptz and "timestamp" < ${formatTime(until)}::timestamptz`
}

function direction(from: Slice['from']) {
  return from === 'newest' ? sql`desc` : sql`asc`
}

function ascending<Row>(rows: Row[], from: Slice['from']): Row[] {
  return from === 'newest' ? rows.reverse() : rows
}

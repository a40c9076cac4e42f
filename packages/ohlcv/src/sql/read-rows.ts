import type { Candle, EpochMs, Trade } from '@fullon/market'
import { type Edge, windowsFrom } from './edge-windows.js'
import type { SeriesBounds } from './find-bounds.js'
import { formatTime } from './literals.js'
import type { Queryable } from './queryable.js'
import { raw, sql } from './sql.js'

export interface Slice {
  /** All of them when undefined. */
  readonly limit?: number | undefined
  /** Which end `limit` counts from. */
  readonly from: Edge
}

export interface TradeSlice extends Slice {
  /** Only what comes after this one. */
  readonly after?: Trade | undefined
}

// Ordered by the column, never by the alias that is a number: that would not use the index.

/** Ascending. */
export async function readCandles(connection: Queryable, bounds: SeriesBounds, slice: Slice): Promise<Candle[]> {
  const { limit, from } = slice
  return readSlice(bounds, slice, (window) => {
    const select = sql`
      select "timestamp", open, high, low, close, volume
      from ohlcv.candles where ${isInside(window)}
      order by "timestamp" ${direction(from)} limit ${limit ?? null}`
    return connection.read<Candle>(select, (reader) => ({
      timestamp: reader.time(),
      open: reader.float8(),
      high: reader.float8(),
      low: reader.float8(),
      close: reader.float8(),
      volume: reader.float8(),
    }))
  })
}

/** Ascending as `compareTrades` of @fullon/market does. */
export async function readTrades(connection: Queryable, bounds: SeriesBounds, slice: TradeSlice): Promise<Trade[]> {
  const { limit, from, after } = slice
  const rest = after
    ? sql`and ("timestamp", length(trade_id), trade_id)
        > (${formatTime(after.timestamp)}::timestamptz, length(${after.id}::text), ${after.id}::text)`
    : sql``
  return readSlice(bounds, slice, (window) => {
    const select = sql`
      select "timestamp", trade_id, side, price, amount
      from ohlcv.trades where ${isInside(window)} ${rest}
      order by "timestamp" ${direction(from)}, length(trade_id) ${direction(from)}, trade_id ${direction(from)}
      limit ${limit ?? null}`
    return connection.read<Trade>(select, (reader) => ({
      timestamp: reader.time(),
      id: reader.text(),
      side: reader.text() as Trade['side'], // cast: the table's own check
      price: reader.float8(),
      amount: reader.float8(),
    }))
  })
}

/** Of the oldest or newest row. */
export async function readEdge(
  connection: Queryable,
  table: 'candles' | 'trades',
  bounds: SeriesBounds,
  from: Edge,
): Promise<EpochMs | undefined> {
  const [row] = await readSlice(bounds, { limit: 1, from }, (window) =>
    connection.query<{ timestamp: EpochMs }>(sql`
      select round(date_part('epoch', stored."timestamp") * 1000) as "timestamp"
      from ${raw(`ohlcv.${table}`)} as stored where ${isInside(window)}
      order by stored."timestamp" ${direction(from)} limit 1`),
  )
  return row?.timestamp
}

/**
 * Of one state of the database, as each wider window is read from its edge on.
 *
 * @param read rows from the edge of `slice` on
 * @returns ascending
 */
async function readSlice<Row>(
  { seriesId, ...bounds }: SeriesBounds,
  { limit, from }: Slice,
  read: (window: SeriesBounds) => Promise<Row[]>,
): Promise<Row[]> {
  let rows: Row[] = []
  for (const window of limit === undefined ? [bounds] : windowsFrom(from, bounds)) {
    rows = await read({ seriesId, ...window })
    if (limit !== undefined && rows.length >= limit) break
  }
  return from === 'newest' ? rows.reverse() : rows
}

function isInside({ seriesId, since, until }: SeriesBounds) {
  return sql`series_id = ${seriesId}
    and "timestamp" >= ${formatTime(since)}::timestamptz and "timestamp" < ${formatTime(until)}::timestamptz`
}

function direction(from: Edge) {
  return from === 'newest' ? sql`desc` : sql`asc`
}

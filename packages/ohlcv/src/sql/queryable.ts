import type { RowReader } from './binary-reader.js'
import type { Sql } from './sql.js'

export interface QueryOptions {
  /** Without an answer for so long the connection is given up, milliseconds. Default: as it was opened. */
  readonly timeoutMs?: number
}

/** A connection, in a transaction or not. */
export interface Queryable {
  /** The rows of one statement. A plain text may hold several, and gives none. */
  query<Row = Record<string, unknown>>(statement: Sql | string, options?: QueryOptions): Promise<Row[]>
  /** The rows of a select by way of COPY, in binary form: for many rows, 3 times as fast as `query`. */
  read<Row>(select: Sql, readRow: (reader: RowReader) => Row): Promise<Row[]>
  /** Feeds a `copy … from stdin`, a chunk at a time as the server takes them. */
  copy(statement: string, chunks: Iterable<Buffer>): Promise<void>
}

/** Advisory locks: key spaces of our own, the letters `ohlc` and `ohls` in ASCII. */
export const LOCKS = { space: 0x6f686c63, migrations: 1, partitions: 2, sealing: 3, shards: 0x6f686c73 } as const

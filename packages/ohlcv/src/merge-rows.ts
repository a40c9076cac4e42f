import { type EpochMs, type Span, timeframeMs } from '@fullon/market'
import type { Queryable } from './sql/queryable.js'

/** What a save did to the rows. */
export interface SaveResult {
  readonly inserted: number
  readonly corrected: number
  readonly deleted: number
  /** Stored already, as they are. */
  readonly unchanged: number
  /** Neither compared nor applied: rows of a provisional answer where a final one was stored before. */
  readonly refused: number
}

/** Some rows, and the part of the page they speak for. */
export interface Chunk<Row> {
  readonly rows: readonly Row[]
  readonly window: Span
  /** Where stored rows that the chunk does not have are deleted. */
  readonly replaced: readonly Span[]
}

/** `known` of a chunk's rows were stored before; `written` were inserted or corrected. */
export interface MergeCounts {
  readonly known: number
  readonly deleted: number
  readonly written: number
}

export type MergeChunk<Row> = (sql: Queryable, seriesId: number, chunk: Chunk<Row>) => Promise<MergeCounts>

/** Rows sent in one statement: about 1 MB of text, and a hash that fits Postgres' default `work_mem` of 4 MB. */
const CHUNK_ROWS = 10_000

/** And how far they may reach: the hash is made again for each weekly partition, of all rows of the chunk. */
const CHUNK_MS = 16 * timeframeMs('1w')

/** Merges ascending rows into what is stored of `span`, a chunk at a time. */
export async function mergeRows<Row extends { readonly timestamp: EpochMs }>(
  sql: Queryable,
  seriesId: number,
  { rows, window, replaced }: Chunk<Row>,
  mergeChunk: MergeChunk<Row>,
): Promise<Omit<SaveResult, 'refused'>> {
  const result = { inserted: 0, corrected: 0, deleted: 0, unchanged: 0 }
  if (rows.length === 0 && replaced.length === 0) return result
  for (const chunk of chunksOf(rows, window)) {
    const { known, deleted, written } = await mergeChunk(sql, seriesId, { ...chunk, replaced })
    const inserted = chunk.rows.length - known
    result.inserted += inserted
    result.corrected += written - inserted
    result.deleted += deleted
    result.unchanged += chunk.rows.length - written
  }
  return result
}

/** Windows that follow one another and together are `window`; rows of one millisecond stay together. */
function* chunksOf<Row extends { readonly timestamp: EpochMs }>(rows: readonly Row[], window: Span) {
  let start = 0
  let { since } = window
  do {
    const end = endOfChunk(rows, start)
    const until = rows[end]?.timestamp ?? window.until
    yield { rows: rows.slice(start, end), window: { since, until } }
    start = end
    since = until
  } while (start < rows.length)
}

function endOfChunk(rows: readonly { readonly timestamp: EpochMs }[], start: number): number {
  const limit = (rows[start]?.timestamp ?? 0) + CHUNK_MS
  let end = start
  for (; end < rows.length; end++) {
    const { timestamp } = rows[end] ?? { timestamp: limit }
    const isFull = end >= start + CHUNK_ROWS && timestamp !== rows[end - 1]?.timestamp
    if (isFull || timestamp >= limit) break
  }
  return end
}

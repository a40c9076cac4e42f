import type { Series, Span, Timeframe } from '@fullon/market'
import { parseSpans } from './literals.js'
import type { Queryable } from './queryable.js'
import { sql } from './sql.js'

/** A stored series of a symbol. */
export interface StoredSource {
  readonly seriesId: number
  /** Null: trades. */
  readonly timeframe: Timeframe | null
  readonly covered: Span[]
}

/** All series of one symbol. */
export async function findSources(
  connection: Queryable,
  { exchange, symbol, sandbox = false }: Series,
): Promise<StoredSource[]> {
  const rows = await connection.query<Omit<StoredSource, 'covered'> & { covered: string }>(sql`
    select series_id as "seriesId", timeframe, covered::text
    from ohlcv.series join ohlcv.coverage using (series_id)
    where exchange = ${exchange} and symbol = ${symbol} and sandbox = ${sandbox}`)
  return rows.map((row) => ({ ...row, covered: parseSpans(row.covered) }))
}

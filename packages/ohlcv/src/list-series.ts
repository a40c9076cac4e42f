import type { OhlcvDatabase } from './open-ohlcv.js'
import { type StoredSeries, selectSeries } from './select-series.js'
import { countRows } from './sql/count-rows.js'

export interface ListSeriesOptions {
  /** Also count their rows, which reads all of them. Default false. */
  readonly counts?: boolean
}

export interface CountedSeries extends StoredSeries {
  /** How many rows it has; absent when not asked for. */
  readonly rows?: number
}

/** Every series that something was saved of, with what vouches for it. */
export async function listSeries(
  db: OhlcvDatabase,
  { counts = false }: ListSeriesOptions = {},
): Promise<CountedSeries[]> {
  const series = await db.select((orm) => selectSeries(orm))
  const rows = counts ? await db.query(countRows) : undefined
  return series.map(({ seriesId, ...one }) => (rows ? { ...one, rows: rows.get(seriesId) ?? 0 } : one))
}

import type { Series } from '@fullon/market'
import type { SaveResult } from './merge-rows.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { resultOf } from './save-page.js'
import { addCandles, type NewPage } from './sql/add-candles.js'

/** More rows of a page come faster by COPY, for all its round trips. */
const MANY_ROWS = 1_000

/**
 * Saves pages of candles, each of another series, in one statement: the usual live ones.
 *
 * @returns undefined when that cannot be; nothing is done then.
 */
export async function saveAtOnce(
  db: OhlcvDatabase,
  pages: readonly (Omit<NewPage, 'seriesId'> & { readonly series: Series })[],
): Promise<SaveResult[] | undefined> {
  const rows = pages.flatMap(({ page }) => page.rows)
  if (rows.length > MANY_ROWS * pages.length) return undefined
  const series = pages.map((page) => page.series)
  const areAdded = await db.writeOnce({ candles: rows }, async (connection) => {
    const ids = await db.seriesIds.find(connection, series)
    return (
      ids &&
      addCandles(
        connection,
        pages.map((page, index) => ({ ...page, seriesId: ids[index] ?? 0 })),
      )
    )
  })
  if (areAdded) return pages.map(({ page }) => resultOf(page))
  db.seriesIds.forget(series) // one may have been deleted, and made again
  return undefined
}

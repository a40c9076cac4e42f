import { type Candle, type Page, type Series, type Span, saysNothing, type Timeframe } from '@fullon/market'
import { CANDLES } from './candle-repository.js'
import { checkCandlePage } from './check-page.js'
import type { SaveResult } from './merge-rows.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { saveAtOnce } from './save-at-once.js'
import { addPages, mergePage, resultOf } from './save-page.js'
import { keyOf } from './series-ids.js'
import { lockManySeries, type WantedSeries } from './sql/lock-many-series.js'
import { lockSeries } from './sql/lock-series.js'
import type { Queryable } from './sql/queryable.js'

/** What the exchange has answered for a span of one series. */
export interface SeriesPage {
  readonly series: Series & { readonly timeframe: Timeframe }
  readonly page: Pick<Page<Candle>, 'rows' | 'confirmedUntil'> & { readonly covered: Span }
}

interface WantedPage extends WantedSeries {
  readonly page: Page<Candle>
}

/**
 * Saves a page of each of many series in one transaction, by the rules of `saveCandles`: the candles that close together
 * at the end of a minute.
 *
 * @returns what was done with each page, in their order.
 * @throws as `saveCandles`, and nothing of any page is stored then; RangeError when a series comes twice.
 */
export async function saveCandlePages(db: OhlcvDatabase, pages: readonly SeriesPage[]): Promise<SaveResult[]> {
  const wanted = pages.map(({ series, page }): WantedPage => {
    checkCandlePage(`${series.exchange} ${series.symbol} ${series.timeframe}`, page, series.timeframe)
    return { series, window: page.covered, page: { ...page, rows: page.rows.filter((row) => !saysNothing(row)) } }
  })
  if (new Set(pages.map(({ series }) => keyOf(series))).size < pages.length) {
    throw new RangeError('saveCandlePages: expected each series once (save its pages one after the other)')
  }
  const times = { candles: wanted.flatMap(({ page }) => page.rows) }
  const saved = await saveAtOnce(db, wanted)
  if (saved) return saved
  for (;;) {
    const results = await db.write(times, (connection) => saveExisting(connection, wanted))
    if (results) return results
    // Each in a transaction of its own: together they would be locked in an order that may deadlock.
    for (const { series } of wanted) await db.write({}, (connection) => lockSeries(connection, series))
  }
}

/** Undefined when one of the series does not exist; nothing is done then. */
async function saveExisting(connection: Queryable, wanted: readonly WantedPage[]): Promise<SaveResult[] | undefined> {
  const locked = await lockManySeries(connection, wanted)
  if (locked.length < wanted.length) return undefined
  const isEmpty = ({ stored }: (typeof locked)[number]) => stored.covered.length === 0
  const areAdded = await addPages(connection, locked.filter(isEmpty), CANDLES)
  const results: SaveResult[] = []
  for (const one of locked) {
    results[one.index] = areAdded && isEmpty(one) ? resultOf(one.page) : await mergePage(connection, one, CANDLES)
  }
  return results
}

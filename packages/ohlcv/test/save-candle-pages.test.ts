import type { EpochMs, Series, Timeframe } from '@fullon/market'
import { expect } from 'vitest'
import { CandleRepository, deleteSeries, openOhlcv, type SeriesPage, saveCandlePages } from '../src/index.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes } from './rows.js'

const it = test.extend('flush', ({ database, symbol }) => {
  const seriesOf = (index: number) => ({ exchange: 'kraken', symbol: `${index}-${symbol}`, timeframe: '1m' }) as const
  return {
    seriesOf,
    repoOf: (index: number) => new CandleRepository(database.db, 'kraken', seriesOf(index).symbol, '1m'),
    /** Candles of minutes from `since` on, of many series. */
    pagesOf: (count: number, since: number, until: number, confirmedUntil?: EpochMs): SeriesPage[] =>
      Array.from({ length: count }, (_, index) => ({
        series: seriesOf(index),
        page: {
          rows: candles(since, until),
          covered: minutes(since, until),
          ...(confirmedUntil && { confirmedUntil }),
        },
      })),
  }
})

it('saves the candles of many series, new ones and known ones', async ({ database: { db }, flush }) => {
  await flush.repoOf(1).saveCandles({ rows: [candle(-1)], covered: minutes(-1, 0) })
  const saved = await saveCandlePages(db, flush.pagesOf(50, 0, 1))
  expect(saved).toEqual(Array(50).fill({ inserted: 1, corrected: 0, deleted: 0, unchanged: 0, refused: 0 }))
  await saveCandlePages(db, flush.pagesOf(50, 1, 2, minute(2)))
  for (const index of [0, 1, 49]) {
    expect(await flush.repoOf(index).getCandles({ since: minute(0) })).toEqual(candles(0, 2))
    const { covered, confirmed } = await flush.repoOf(index).coverage()
    expect({ covered, confirmed }).toEqual({
      covered: [minutes(index === 1 ? -1 : 0, 2)],
      confirmed: [minutes(1, 2)],
    })
  }
})

it('does with each page what a save of it alone does', async ({ database: { db }, flush }) => {
  const alone = (index: number) => new CandleRepository(db, 'alone', flush.seriesOf(index).symbol, '1m')
  const quiet = { ...candle(8), volume: 0 }
  const histories: SeriesPage['page'][][] = [
    [{ rows: candles(0, 5), covered: minutes(0, 5) }],
    [{ rows: candles(0, 5), covered: minutes(0, 5), confirmedUntil: minute(4) }],
    [{ rows: [candle(1, 90), candle(7)], covered: minutes(0, 8), confirmedUntil: minute(8) }],
    [{ rows: [], covered: minutes(0, 20), confirmedUntil: minute(2) }],
    [],
  ]
  const page = {
    rows: [candle(0), candle(2), candle(4, 120), quiet],
    covered: minutes(0, 10),
    confirmedUntil: minute(3),
  }
  const pages: SeriesPage[] = []
  for (const [index, history] of histories.entries()) {
    for (const one of history) {
      await flush.repoOf(index).saveCandles(one)
      await alone(index).saveCandles(one)
    }
    pages.push({ series: flush.seriesOf(index), page })
  }
  const together = await saveCandlePages(db, pages)
  for (const [index, result] of together.entries()) {
    expect(result).toEqual(await alone(index).saveCandles(page))
    expect(await flush.repoOf(index).getCandles()).toEqual(await alone(index).getCandles())
    expect(await flush.repoOf(index).coverage()).toEqual(await alone(index).coverage())
  }
})

it('merges all when a row is there that nothing vouches for', async ({ database: { db, sql }, flush }) => {
  await saveCandlePages(db, flush.pagesOf(3, 0, 5))
  await sql`
    update ohlcv.coverage set covered = '{}' where series_id in
      (select series_id from ohlcv.series where symbol = any(${[0, 1].map((index) => flush.seriesOf(index).symbol)}))`
  const saved = await saveCandlePages(db, flush.pagesOf(3, 4, 6))
  expect(saved).toEqual(Array(3).fill({ inserted: 1, corrected: 0, deleted: 0, unchanged: 1, refused: 0 }))
})

it('stores nothing of any page when one is refused', async ({ database: { db }, flush }) => {
  const pages = flush.pagesOf(3, 0, 2)
  const wrong = { series: flush.seriesOf(7), page: { rows: [candle(5)], covered: minutes(0, 2) } }
  await expect(saveCandlePages(db, [...pages, wrong])).rejects.toMatchObject({ code: 'INVALID' })
  await expect(saveCandlePages(db, [...pages, ...pages])).rejects.toBeInstanceOf(RangeError)
  expect((await flush.repoOf(0).coverage()).covered).toEqual([])
  expect(await saveCandlePages(db, [])).toEqual([])
})

it('many flushes, saves and deletions at once lose nothing and never deadlock', { timeout: 60_000 }, async ({
  database: { db, url },
  flush,
}) => {
  await using other = await openOhlcv({ url, maxConnections: 3 })
  const shuffled = (pages: SeriesPage[], by: number) => pages.map((_, index) => pages[(index * 7 + by) % pages.length]!)
  const done: Promise<unknown>[] = []
  for (let since = 0; since < 20; since++) {
    const pages = flush.pagesOf(20, since, since + 1)
    done.push(saveCandlePages(since % 2 ? db : other, shuffled(pages, since)))
    done.push(flush.repoOf(since).saveCandles({ rows: candles(0, 20), covered: minutes(0, 20) }))
    const gone: Series & { timeframe: Timeframe } = {
      ...flush.seriesOf(99),
      symbol: `gone-${flush.seriesOf(0).symbol}`,
    }
    done.push(saveCandlePages(other, [{ series: gone, page: pages[0]!.page }, ...pages.slice(3)]))
    done.push(deleteSeries(db, gone))
  }
  await Promise.all(done)
  for (let index = 0; index < 20; index++) expect(await flush.repoOf(index).getCandles()).toEqual(candles(0, 20))
})

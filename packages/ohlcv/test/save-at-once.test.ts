import { expect } from 'vitest'
import { CandleRepository, deleteSeries, saveCandlePages } from '../src/index.js'
import { saveAtOnce } from '../src/save-at-once.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes } from './rows.js'

const it = test.extend('two', ({ database: { db, sql }, symbol }) => {
  const repos = ['A', 'B'].map((name) => new CandleRepository(db, 'kraken', `${name}-${symbol}`, '1m'))
  const series = repos.map(
    (_, index) => ({ exchange: 'kraken', symbol: `${'AB'[index]}-${symbol}`, timeframe: '1m' }) as const,
  )
  const page = { rows: candles(0, 3), covered: minutes(0, 4), confirmedUntil: minute(2) }
  return {
    repos,
    series,
    /** A page of each, added at once. */
    add: () =>
      saveAtOnce(
        db,
        series.map((one) => ({ series: one, window: page.covered, page })),
      ),
    /** The same by way of the library. */
    save: () =>
      saveCandlePages(
        db,
        series.map((one) => ({ series: one, page })),
      ),
    idOf: (index: number) => sql`(select series_id from ohlcv.series where symbol = ${series[index]?.symbol ?? ''})`,
    stored: () =>
      Promise.all(
        repos.map(async (repo) => {
          const { covered, confirmed } = await repo.coverage()
          return { candles: await repo.getCandles(), covered, confirmed }
        }),
      ),
  }
})

const NOTHING = { candles: [], covered: [], confirmed: [] }
const PAGE = { candles: candles(0, 3), covered: [minutes(0, 4)], confirmed: [minutes(0, 2)] }

it('adds pages of known series that cover nothing of them', async ({ two }) => {
  for (const repo of two.repos) await repo.saveCandles({ rows: [candle(-9)], covered: minutes(-9, 0) })
  expect(await two.add()).toMatchObject([{ inserted: 3 }, { inserted: 3 }])
  const all = { ...PAGE, candles: [candle(-9), ...PAGE.candles], covered: [minutes(-9, 4)] }
  expect(await two.stored()).toEqual([all, all])
})

it('does nothing when one of them is not known, is covered in part or has a row all the same', async ({
  database: { sql },
  two,
}) => {
  await two.repos[0]!.initSymbol()
  expect(await two.add()).toBeUndefined()
  await two.repos[1]!.saveCandles({ rows: [], covered: minutes(3, 9) })
  expect(await two.add()).toBeUndefined()
  await sql`update ohlcv.coverage set covered = '{}' where series_id = ${two.idOf(1)}`
  await sql`insert into ohlcv.candles values (${two.idOf(1)}, ${new Date(minute(1))}, 1, 1, 1, 1, 1)`
  expect(await two.add()).toBeUndefined()
  expect(await two.stored()).toEqual([NOTHING, NOTHING])
  expect(await two.save()).toMatchObject([{ inserted: 3 }, { inserted: 2, corrected: 1 }])
  expect(await two.stored()).toEqual([PAGE, PAGE])
})

it('finds a series again that was deleted and made again', async ({ database: { db }, two }) => {
  for (const repo of two.repos) await repo.initSymbol()
  expect(await two.add()).toBeDefined()
  for (const [index, repo] of two.repos.entries()) {
    await deleteSeries(db, two.series[index]!)
    await repo.initSymbol()
  }
  expect(await two.add()).toBeUndefined()
  expect(await two.add()).toBeDefined()
  expect(await two.stored()).toEqual([PAGE, PAGE])
})

it('what waits for a series holds no table that whoever has the series may want whole', async ({
  database: { sql },
  two,
}) => {
  for (const repo of two.repos) await repo.initSymbol()
  const { saving } = await sql.begin(async (retention) => {
    await retention`select from ohlcv.coverage where series_id = ${two.idOf(1)} for update`
    const saving = two.save()
    const waiting = () => sql`
      select from pg_stat_activity
      where datname = current_database() and application_name = 'fullon-ohlcv' and wait_event_type = 'Lock'`
    await expect.poll(async () => (await waiting()).length, { timeout: 10_000 }).toBe(1)
    await retention`lock table ohlcv.candles in access exclusive mode`
    return { saving }
  })
  expect(await saving).toMatchObject([{ inserted: 3 }, { inserted: 3 }])
  expect(await two.stored()).toEqual([PAGE, PAGE])
})

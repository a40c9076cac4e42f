import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openScratchDatabase } from '@fullon/embedded'
import { buildCandles } from '@fullon/market'
import postgres from 'postgres'
import { expect } from 'vitest'
import { CandleRepository, listSeries, openOhlcv, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candles, minute, minutes, trade } from './rows.js'

test('two writers of one series lose no row and no coverage', async ({ database, symbol }) => {
  await using other = await openOhlcv({ url: database.url })
  const repos = [database.db, other].map((db) => new CandleRepository(db, 'kraken', symbol, '1m'))
  const saves = Array.from({ length: 40 }, (_, index) => {
    const since = (index * 7) % 40
    const page = { rows: candles(since, since + 10), covered: minutes(since, since + 10) }
    return repos[index % 2]!.saveCandles(index % 3 ? page : { ...page, confirmedUntil: minute(since + 5) })
  })
  const results = await Promise.all(saves)
  const inserted = results.reduce((sum, result) => sum + result.inserted, 0)
  expect(inserted).toBe(49)
  expect(await repos[0]!.getCandles()).toEqual(candles(0, 49))
  expect((await repos[0]!.coverage()).covered).toEqual([minutes(0, 49)])
})

test('trades that build candles and the candles themselves, saved at once, never deadlock', async ({
  database,
  symbol,
}) => {
  const trades = new TradeRepository(database.db, 'kraken', symbol)
  const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
  const rows = Array.from({ length: 60 }, (_, index) => trade(index + 0.5, 100 + index))
  const saves = Array.from({ length: 30 }, (_, index) => {
    const since = (index * 11) % 30
    const covered = minutes(since, since + 30)
    const page = { rows: rows.slice(since, since + 30), covered }
    return index % 3
      ? trades.saveTrades(page, { build: { timeframe: '1m' } })
      : repo.saveCandles({ rows: buildCandles(page.rows, '1m'), covered })
  })
  await Promise.all(saves)
  expect(await repo.getCandles({ until: minute(60) })).toEqual(buildCandles(rows.slice(0, 59), '1m'))
})

test('processes that start at once migrate once and share the partitions they make', async () => {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const codes = await Promise.all([runWriter(scratch.url, 0), runWriter(scratch.url, 20)])
  expect(codes).toEqual([0, 0])
  await using db = await openOhlcv({ url: scratch.url })
  const [series] = await listSeries(db)
  expect(series?.covered).toHaveLength(1)
  expect(await new CandleRepository(db, 'kraken', 'BTC/USD', '1d').getCandles()).toHaveLength(7 * 80)
  const sql = postgres(scratch.url)
  expect(await sql`select from pg_inherits where inhparent = 'ohlcv.candles'::regclass`).toHaveLength(80)
  await sql.end()
})

test('two database objects that open at once migrate once', async () => {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const opened = await Promise.all([openOhlcv({ url: scratch.url }), openOhlcv({ url: scratch.url })])
  for (const db of opened) expect(await listSeries(db)).toEqual([])
  await Promise.all(opened.map((db) => db.close()))
})

/** Saves 60 weeks of daily candles from week `first` on, in pages of a week. */
async function runWriter(url: string, first: number): Promise<number | null> {
  const script = fileURLToPath(new URL('writer.ts', import.meta.url))
  const flags = ['--conditions=@fullon/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...flags, script, url, String(first)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  return code
}

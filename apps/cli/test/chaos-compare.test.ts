import { openScratchDatabase } from '@fullon/embedded'
import { CandleRepository, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import { expect, test } from 'vitest'
import { compare, findUnfinished } from '../chaos/compare.js'
import { loadExpected, loadTruth, openSession } from '../chaos/truth-tables.js'

const MINUTE_MS = 60_000
const SINCE = Date.UTC(2026, 0, 8)

function candle(index: number, close = 100) {
  return { timestamp: SINCE + index * MINUTE_MS, open: 100, high: 200, low: 50, close, volume: 1 }
}

function trade(index: number, price = 100) {
  return { timestamp: SINCE + index * MINUTE_MS, id: String(index), side: 'buy' as const, price, amount: 1 }
}

test('the chaos suite sees every kind of row that should be otherwise', { timeout: 120_000 }, async () => {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  await using db = await openOhlcv({ url: scratch.url })
  const series = { exchange: 'binance', symbol: 'BTC/USD' } as const
  const until = SINCE + 10 * MINUTE_MS
  const page = { covered: { since: SINCE, until }, confirmedUntil: until }
  const candles = new CandleRepository(db, 'binance', 'BTC/USD', '1m')
  await candles.saveCandles({ ...page, rows: [candle(0), candle(1, 150), candle(3)] }) // one wrong, one missing, one made up
  await candles.markUnavailable({ since: SINCE, until: SINCE + MINUTE_MS }, 'not served')
  await new TradeRepository(db, 'binance', 'BTC/USD').saveTrades({ ...page, rows: [trade(0, 90), trade(1)] })

  const sql = openSession(scratch.url)
  try {
    const wanted = { ...series, since: SINCE, until: until + MINUTE_MS, servedSince: 0 }
    await loadExpected(sql, [
      { ...wanted, timeframe: '1m' },
      { ...wanted, timeframe: null },
    ])
    expect(await findUnfinished(sql)).toHaveLength(2)
    const truth = { candles: [0, 1, 2].map((index) => candle(index)), trades: [0, 1, 2].map((index) => trade(index)) }
    await loadTruth(sql, [{ ...series, timeframe: '1m', ...truth }])
    const verdict = await compare(sql)
    expect(verdict).toMatchObject({ candles: 3, trades: 2, missing: 2, wrong: 2, extra: 1, duplicate: 0 })
    expect(verdict.examples.join()).toContain('unavailable without need')
  } finally {
    await sql.end()
  }
})

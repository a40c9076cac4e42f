import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Candle, floorToTimeframe, resampleCandles, type Trade } from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, TimeseriesRepository, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'

const folder = process.env.MARKET_DATA_DIR

describe.skipIf(!folder)('recorded trades and candles of an exchange (skipped without MARKET_DATA_DIR)', () => {
  test('come out as they went in, and the trades give the recorded candles', async ({ database: { db }, symbol }) => {
    const [recorded, prints] = [await readCandles(), await readTrades()]
    const covered = {
      since: floorToTimeframe(prints[0]!.timestamp, '1h'),
      until: floorToTimeframe(prints.at(-1)!.timestamp, '1h') + 3_600_000,
    }
    const trades = new TradeRepository(db, 'binance', symbol)
    const own = new CandleRepository(db, 'recorded', symbol, '1m')
    expect(await own.saveCandles({ rows: recorded, covered })).toMatchObject({ inserted: recorded.length })
    const pages = [0, 3_000, 9_001].map((start, index, starts) => prints.slice(start, starts[index + 1]))
    for (const [index, rows] of pages.entries()) {
      const since = index === 0 ? covered.since : rows[0]!.timestamp
      const until = pages[index + 1]?.[0]?.timestamp ?? covered.until
      // Rows of one millisecond stay on one page here: the next begins with it, and comes again.
      const last = prints.filter(({ timestamp }) => timestamp >= since && timestamp < until)
      await trades.saveTrades({ rows: last, covered: { since, until } }, { build: { timeframe: '1m' } })
    }
    expect(await trades.getTradesInRange(covered)).toEqual(prints)
    const built = await new CandleRepository(db, 'binance', symbol, '1m').getCandles()
    expectSame(built, recorded)
    for (const timeframe of ['5m', '1h', '1d'] as const) {
      const fetched = await new TimeseriesRepository(db, 'recorded', symbol).fetchOhlcv({ timeframe, ...covered })
      expectSame(fetched, resampleCandles(recorded, '1m', timeframe))
    }
  })
})

function expectSame(actual: readonly Candle[], expected: readonly Candle[]): void {
  expect(actual.map(({ timestamp, open, high, low, close }) => [timestamp, open, high, low, close])).toEqual(
    expected.map(({ timestamp, open, high, low, close }) => [timestamp, open, high, low, close]),
  )
  for (const [index, { volume }] of expected.entries()) {
    expect(Math.abs(actual[index]!.volume - volume)).toBeLessThanOrEqual(1e-9 * volume)
  }
}

async function readCandles(): Promise<Candle[]> {
  const text = gunzipSync(await readFile(join(folder!, 'freqtrade/XRP_ETH-1m.csv.gz'))).toString()
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [timestamp = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = line.split(',').map(Number)
      return { timestamp, open, high, low, close, volume }
    })
}

async function readTrades(): Promise<Trade[]> {
  const rows: [number, string, null, 'buy' | 'sell', number, number][] = JSON.parse(
    gunzipSync(await readFile(join(folder!, 'freqtrade/XRP_ETH-trades.json.gz'))).toString(),
  )
  return rows.map(([timestamp, id, , side, price, amount]) => ({ timestamp, id, side, price, amount }))
}

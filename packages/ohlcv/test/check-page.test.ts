import type { Candle, Page, Trade } from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, OhlcvError, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const covered = minutes(0, 5)
const bad = (change: Partial<Candle>) => ({ rows: [candle(0), { ...candle(1), ...change }], covered })
const badTrade = (change: Partial<Trade>) => ({ rows: [trade(0), { ...trade(1), ...change }], covered })

const WRONG_CANDLES: Record<string, Page<Candle>> = {
  'is not a number': bad({ close: Number.NaN }),
  'is infinite': bad({ high: Number.POSITIVE_INFINITY }),
  'has its low above its open': bad({ low: 101 }),
  'has its high below its close': bad({ high: 99.5, open: 99, low: 99 }),
  'has a negative volume': bad({ volume: -1 }),
  'is not aligned': bad({ timestamp: minute(1.5) }),
  'has a fraction of a millisecond': bad({ timestamp: minute(1) + 0.5 }),
  'comes twice': { rows: [candle(1), candle(1)], covered },
  descends: { rows: [candle(2), candle(1)], covered },
  'is before the span': { rows: [candle(-1)], covered },
  'is after the span': { rows: [candle(5)], covered },
}

const WRONG_SPANS: Record<string, Page<Candle>> = {
  'cuts a candle': { rows: [], covered: minutes(0, 1.5) },
  'confirms half a candle': { rows: [], covered, confirmedUntil: minute(1.5) },
  'is backwards': { rows: [], covered: minutes(2, 1) },
  'is in the far future': { rows: [], covered: { since: minute(0), until: 1e300 } },
  'is not a number': { rows: [], covered: { since: minute(0), until: Number.NaN } },
}

const WRONG_TRADES: Record<string, Page<Trade>> = {
  'has no id': badTrade({ id: '' }),
  'has an id that Postgres cannot store': badTrade({ id: 'a\0b' }),
  'has half a character as id': badTrade({ id: '\ud83d' }),
  'has no side': badTrade({ side: 'sold' as 'sell' }),
  'has no price': badTrade({ price: Number.NaN }),
  'has a negative amount': badTrade({ amount: -1 }),
  'comes twice': { rows: [trade(1, 1, 'a'), trade(1, 1, 'b'), trade(1, 2, 'a')], covered },
  descends: { rows: [trade(2), trade(1)], covered },
  'is outside of the span': { rows: [trade(5)], covered },
}

describe('refuses the whole page and names the row when a candle', () => {
  test.for(Object.entries(WRONG_CANDLES))('%s', async ([, page], { database, symbol }) => {
    const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
    const refused = await repo.saveCandles(page).catch((error) => error)
    expect(refused).toBeInstanceOf(OhlcvError)
    expect(refused).toMatchObject({ code: 'INVALID', transient: false })
    expect(refused.message).toContain(`kraken ${symbol} 1m: expected`)
    expect(refused.message).toContain(`"timestamp":${page.rows.at(-1)?.timestamp}`)
    expect(await repo.coverage()).toMatchObject({ covered: [] })
  })
})

describe('refuses a page whose span', () => {
  test.for(Object.entries(WRONG_SPANS))('%s', async ([, page], { database, symbol }) => {
    const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
    await expect(repo.saveCandles(page)).rejects.toMatchObject({ code: 'INVALID' })
  })
})

describe('refuses the whole page and names the row when a trade', () => {
  test.for(Object.entries(WRONG_TRADES))('%s', async ([, page], { database, symbol }) => {
    const repo = new TradeRepository(database.db, 'kraken', symbol)
    const refused = await repo.saveTrades(page).catch((error) => error)
    expect(refused).toMatchObject({ code: 'INVALID' })
    expect(refused.message).toContain(`"timestamp":${page.rows.at(-1)?.timestamp}`)
    expect(await repo.coverage()).toMatchObject({ covered: [] })
  })
})

test('refuses rows that nothing vouches for, and takes an empty answer', async ({ database, symbol }) => {
  const repo = new CandleRepository(database.db, 'kraken', symbol, '1m')
  await expect(repo.saveCandles({ rows: candles(0, 1) })).rejects.toThrow(RangeError)
  expect(await repo.saveCandles({ rows: [] })).toEqual({
    inserted: 0,
    corrected: 0,
    deleted: 0,
    unchanged: 0,
    refused: 0,
  })
  expect(await database.sql`select from ohlcv.series where symbol = ${symbol}`).toHaveLength(0)
})

test('refuses an unknown timeframe at the door', async ({ database, symbol }) => {
  expect(() => new CandleRepository(database.db, 'kraken', symbol, '7m')).toThrow(RangeError)
  const trades = new TradeRepository(database.db, 'kraken', symbol)
  await expect(trades.saveTrades({ rows: [], covered }, { build: { timeframe: '7m' } })).rejects.toThrow(RangeError)
})

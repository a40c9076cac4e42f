import { timeframeMs } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { openAnsweringExchange } from './answering-exchange.js'
import { DOCUMENTED_ANSWERS } from './fixtures/documented-answers.js'
import { createHandClock } from './hand-clock.js'
import { toMarket } from './scripted-exchange.js'

const LATER_MS = 30 * 86_400_000

describe.for(DOCUMENTED_ANSWERS)('$exchange, by the examples of $source', ({ exchange, market, candles, trades }) => {
  const [symbol, id] = market
  const markets = [toMarket(symbol, id)]

  it('gives the documented candles, with what vouches for them', async () => {
    const { timeframe, rows, body, path, isAskedRight } = candles
    const span = { since: rows[0]!.timestamp, until: rows.at(-1)!.timestamp + timeframeMs(timeframe) }
    const clock = createHandClock(span.until + LATER_MS / 10)
    await using answering = await openAnsweringExchange(exchange, { markets, clock, answer: () => ({ body }) })
    const page = await answering.handler.getOhlcv(symbol, timeframe, span)
    expect(page.rows).toEqual(rows)
    expect(page.covered).toEqual(span)
    expect(page.confirmedUntil).toBe(span.until)
    expect(answering.asked).toHaveLength(1)
    expect(answering.asked[0]!.path).toBe(path)
    expect(answering.asked.filter(isAskedRight)).toHaveLength(1)
    expect(answering.refused).toEqual([])
  })

  it.skipIf(!trades)('gives the documented trades, and vouches from behind where a page may be cut', async () => {
    const { rows, body, path } = trades!
    const clock = createHandClock(rows.at(-1)!.timestamp + LATER_MS)
    await using answering = await openAnsweringExchange(exchange, { markets, clock, answer: () => ({ body }) })
    const span = { since: rows[0]!.timestamp - 1, until: rows.at(-1)!.timestamp + 1 }
    const { covered, rows: read } = await answering.handler.getPublicTrades(symbol, span)
    const { tradeHistory } = answering.handler.feedFor(symbol, '1m')
    const since = exchange === 'bitmex' ? span.since : rows[0]!.timestamp + 1
    if (rows.length > 1) {
      expect(covered).toEqual({ since, until: span.until })
      expect(read).toEqual(rows.filter(({ timestamp }) => timestamp >= since))
    } else expect(covered).toBeUndefined()
    expect(tradeHistory).toBe(exchange !== 'bybit')
    expect(answering.asked[0]!.path).toBe(path)
  })
})

it('says that hyperliquid serves no public trades by REST instead of giving an account’s fills', async () => {
  const clock = createHandClock(0)
  const markets = [toMarket('BTC/USDC:USDC', 'BTC')]
  await using answering = await openAnsweringExchange('hyperliquid', { markets, clock, answer: () => ({ body: [] }) })
  const { handler, asked } = answering
  await expect(handler.getPublicTrades('BTC/USDC:USDC', { since: 0, until: 1 })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    transient: false,
  })
  expect(handler.feedFor('BTC/USDC:USDC', '1m')).toMatchObject({ tradeHistory: false, newestCandles: 5000 })
  expect(asked).toEqual([])
})

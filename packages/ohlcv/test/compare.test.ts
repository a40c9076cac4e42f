import type { Page, Span, Trade } from '@fullon/market'
import { describe, expect, it as plain } from 'vitest'
import { CandleRepository, readAgain, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes } from './rows.js'

const it = test
  .extend('candleRepo', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))
  .extend('tradeRepo', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))

const trade = (id: string, at: number, price = 100): Trade => ({
  timestamp: minute(0) + at,
  id,
  side: 'buy',
  price,
  amount: 1,
})

describe('comparing what is stored with what the exchange publishes', () => {
  it('names a candle that is missing, one that differs and one that was never published', async ({ candleRepo }) => {
    await candleRepo.saveCandles({ rows: [candle(0), candle(1, 90), candle(3)], covered: minutes(0, 4) })
    const page = { rows: [candle(0), candle(1), candle(2)], covered: minutes(0, 4) }
    expect(await candleRepo.compareCandles(page)).toEqual([
      { stored: candle(1, 90), published: candle(1) },
      { published: candle(2) },
      { stored: candle(3) },
    ])
    expect(await candleRepo.getCandles()).toEqual([candle(0), candle(1, 90), candle(3)])
  })

  it('looks only at what the page covers, and takes silence and rounded sums for the same', async ({ candleRepo }) => {
    const [first, second] = [candle(0), candle(1)]
    await candleRepo.saveCandles({ rows: [first, second, candle(2)], covered: minutes(0, 3) })
    const silent = { timestamp: minute(-1), open: 5, high: 5, low: 5, close: 5, volume: 0 }
    const rounded = { ...second, volume: second.volume * (1 + 1e-12) }
    expect(await candleRepo.compareCandles({ rows: [silent, first, rounded], covered: minutes(-1, 2) })).toEqual([])
    const more = { ...second, volume: second.volume * (1 + 1e-6) }
    expect(await candleRepo.compareCandles({ rows: [first, more], covered: minutes(0, 2) })).toHaveLength(1)
  })

  it('tells trades apart by their ids, also within a millisecond', async ({ tradeRepo }) => {
    const covered = minutes(0, 1)
    await tradeRepo.saveTrades({ rows: [trade('1', 0), trade('2', 0), trade('3', 5)], covered })
    const rows = [trade('1', 0), trade('3', 5, 101), trade('4', 6)]
    expect(await tradeRepo.compareTrades({ rows, covered })).toEqual([
      { stored: trade('2', 0) },
      { stored: trade('3', 5), published: trade('3', 5, 101) },
      { published: trade('4', 6) },
    ])
  })

  it('refuses a page that could not be stored', async ({ candleRepo }) => {
    const page = { rows: candles(1, 0), covered: minutes(0, 2) }
    await expect(candleRepo.compareCandles({ ...page, rows: [candle(1), candle(0)] })).rejects.toThrow(/ascending/)
  })
})

describe('reading spans again', () => {
  const pagesOf = async (spans: Span[], fetch: (span: Span) => Page<never>) => {
    const covered: (Span | undefined)[] = []
    for await (const { page } of readAgain(spans, { fetch: async (span) => fetch(span) })) covered.push(page.covered)
    return covered
  }

  plain('asks until nothing is left, the newest first, whichever end a page speaks for', async () => {
    const fromTheEnd = ({ since, until }: Span) => ({ rows: [], covered: { since: Math.max(since, until - 4), until } })
    expect(
      await pagesOf(
        [
          { since: 0, until: 6 },
          { since: 10, until: 11 },
        ],
        fromTheEnd,
      ),
    ).toEqual([
      { since: 10, until: 11 },
      { since: 2, until: 6 },
      { since: 0, until: 2 },
    ])
    const fromTheStart = ({ since, until }: Span) => ({
      rows: [],
      covered: { since, until: Math.min(until, since + 4) },
    })
    expect(await pagesOf([{ since: 0, until: 6 }], fromTheStart)).toEqual([
      { since: 0, until: 4 },
      { since: 4, until: 6 },
    ])
  })

  plain('goes from span to span, the newest first', async () => {
    const spans = [
      { since: 0, until: 1 },
      { since: 10, until: 11 },
      { since: 20, until: 21 },
    ]
    expect(await pagesOf(spans, (span) => ({ rows: [], covered: span }))).toEqual(spans.toReversed())
  })

  plain('gives up a span that brings nothing, and goes on with the others', async () => {
    const onlyOld = (span: Span) => (span.since < 5 ? { rows: [], covered: span } : { rows: [] })
    expect(
      await pagesOf(
        [
          { since: 0, until: 5 },
          { since: 6, until: 9 },
        ],
        onlyOld,
      ),
    ).toEqual([undefined, { since: 0, until: 5 }])
  })
})

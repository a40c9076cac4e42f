import { describe, expect } from 'vitest'
import { CandleRepository, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const it = test
  .extend('repo', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))
  .extend('trades', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))

describe('a stream', () => {
  it('gives every candle of the range once, in arrays of bounded size', async ({ repo }) => {
    const rows = candles(-12_000, 13_000)
    await repo.saveCandles({ rows, covered: minutes(-12_000, 13_000) })
    const arrays = await collected(repo.streamCandles())
    expect(arrays.map(({ length }) => length)).toEqual([10_000, 10_000, 5_000])
    expect(arrays.flat()).toEqual(rows)
    expect((await collected(repo.streamCandles(minutes(-5, 5)))).flat()).toEqual(candles(-5, 5))
    expect(await collected(repo.streamCandles(minutes(20_000, 30_000)))).toEqual([])
  })

  it('loses none of the trades that share a millisecond at the seam of two arrays', async ({ trades }) => {
    const ids = Array.from({ length: 12_000 }, (_, index) => `${index + 9_000}`)
    const rows = ids.map((id) => trade(1, 100, id))
    await trades.saveTrades({ rows: [trade(0), ...rows, trade(2)], covered: minutes(0, 3) })
    const arrays = await collected(trades.streamTrades(minutes(0, 3)))
    expect(arrays.length).toBe(2)
    expect(arrays.flat()).toEqual([trade(0), ...rows, trade(2)])
  })

  it('ends with the reason it was aborted for', async ({ repo }) => {
    await repo.saveCandles({ rows: candles(0, 11_000), covered: minutes(0, 11_000) })
    const stop = new AbortController()
    const stream = repo.streamCandles({ signal: stop.signal })
    expect((await stream.next()).value).toHaveLength(10_000)
    stop.abort(new Error('enough'))
    await expect(stream.next()).rejects.toThrow('enough')
  })
})

describe('an export', () => {
  it('of candles is CSV that says the same numbers', async ({ repo }) => {
    const odd = { ...candle(1), open: 0.1 + 0.2, high: 1e21, low: 1e-7, close: 5, volume: 3 }
    await repo.saveCandles({ rows: [candle(0), odd], covered: minutes(0, 2) })
    const [header, first, second, end] = (await collected(repo.exportCsv())).join('').split('\n')
    expect([header, first, end]).toEqual(['timestamp,open,high,low,close,volume', `${minute(0)},100,100,100,100,1`, ''])
    expect(second?.split(',').map(Number)).toEqual([minute(1), 0.1 + 0.2, 1e21, 1e-7, 5, 3])
  })

  it('of trades quotes ids that need it', async ({ trades }) => {
    await trades.saveTrades({ rows: [trade(0, 1, 'a,"b"'), trade(0, 1, 'plain-1')], covered: minutes(0, 1) })
    expect((await collected(trades.exportCsv(minutes(0, 1)))).join('')).toBe(
      `timestamp,id,side,price,amount\n${minute(0)},"a,""b""",buy,1,0.5\n${minute(0)},plain-1,buy,1,0.5\n`,
    )
  })
})

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const result: Item[] = []
  for await (const item of items) result.push(item)
  return result
}

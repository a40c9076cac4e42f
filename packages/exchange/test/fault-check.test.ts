import type { Candle } from '@fullon/market'
import type { Simulator } from '@fullon/simulator'
import { expect, it } from 'vitest'
import { checkStreamedCandles } from '../faults/check.js'

const AT = Date.UTC(2026, 0, 5)
const END = AT + 60_000
const candle = (close: number): Candle => ({ timestamp: AT, open: 1, high: 9, low: 1, close, volume: 1 })

/** What was published at the minute's end stood for a millisecond; a late trade changed it. */
const truth = {
  candles: (_symbol: string, _timeframe: string, _span: object, asOf = Number.POSITIVE_INFINITY) =>
    asOf < END ? [candle(1)] : [candle(asOf === END ? 2 : 3)],
} as unknown as Simulator['truth'] // cast: nothing else is asked

function check(close: number): readonly string[] {
  const page = { rows: [candle(close)], covered: { since: AT, until: END } }
  const delivered = {
    exchange: 'binance',
    symbol: 'BTC/USDT',
    pages: [{ page, askedAt: AT, at: END + 5_000, run: 0 }],
  }
  return checkStreamedCandles(truth, delivered, () => false)
}

it('a streamed candle is right that was published at its end or later, and wrong that was published before only', () => {
  expect(check(2)).toEqual([])
  expect(check(3)).toEqual([])
  expect(check(1)).toHaveLength(1)
})

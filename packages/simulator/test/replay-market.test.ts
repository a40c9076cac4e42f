import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Trade } from '@fullon/market'
import { describe, expect, test } from 'vitest'
import { createReplayMarket, parseRecording, SimulatorError } from '../src/index.js'

const ROWS = [
  [1000, '7', null, 'sell', 0.00141342, 23, 0.03],
  [1000, '8', null, 'buy', 0.001414, 1e-8, 0.03],
  [61_000, '9', 'limit', 'buy', 0.0015, 2, 0.03],
]

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

describe('parseRecording', () => {
  test('reads plain and gzip alike', () => {
    const trades = parseRecording(encode(ROWS))
    expect(trades[0]).toEqual({ timestamp: 1000, id: '7', side: 'sell', price: 0.00141342, amount: 23 })
    expect(parseRecording(gzipSync(encode(ROWS)))).toEqual(trades)
  })

  test.each([
    ['a time that goes back', [ROWS[2], ROWS[0]], 'row 1: expected a timestamp of at least 61000, got [1000,"7"'],
    ['a side it does not know', [[1, '1', null, 'hold', 1, 1]], 'row 0: expected a side, buy or sell, fourth'],
    [
      'a price of 0',
      [[1, '1', null, 'buy', 0, 1]],
      'row 0: expected a price above 0 fifth, got [1,"1",null,"buy",0,1]',
    ],
    ['an amount as text', [[1, '1', null, 'buy', 1, '1']], 'expected an amount above 0 sixth'],
    ['an id that is a number', [[1, 1, null, 'buy', 1, 1]], 'expected an id, a string, second'],
    ['a time in fractions', [[1.5, '1', null, 'buy', 1, 1]], 'expected a timestamp in epoch milliseconds first'],
    ['a row that is none', [{}], 'row 0: expected an array, got {}'],
    ['no rows', {}, 'recording: expected an array of rows, got {}'],
  ])('names the row with %s', (_, rows, message) => {
    expect(() => parseRecording(encode(rows))).toThrow(message)
  })

  test('says so when it is no JSON, and why', () => {
    const cut = gzipSync(encode(ROWS)).subarray(0, 20)
    for (const bytes of [cut, encode(ROWS).subarray(0, 20)]) {
      expect(() => parseRecording(bytes)).toThrow(SimulatorError)
      expect(() => parseRecording(bytes)).toThrow(
        expect.objectContaining({ code: 'BAD_RECORDING', cause: expect.anything() }),
      )
    }
  })
})

describe('a replay', () => {
  const trades: Trade[] = parseRecording(encode(ROWS))

  test('gives the trades as recorded, each with a time of its own to page by', () => {
    const market = createReplayMarket({ symbol: 'XRP/ETH', trades })
    const replayed = market.trades('XRP/ETH', { since: 0, until: 100_000 })
    expect(replayed.map(({ timestampUs, ...trade }) => trade)).toEqual(trades)
    expect(replayed.map(({ timestampUs }) => timestampUs)).toEqual([1_000_001, 1_000_002, 61_000_001])
    expect(market.priceDecimals('XRP/ETH')).toBe(8)
    expect(market.candles('XRP/ETH', '1m', { since: 0, until: 60_000 })).toMatchObject([
      { timestamp: 0, open: 0.00141342, close: 0.001414, volume: 23.00000001, trades: 2 },
    ])
  })

  test('refuses trades with a hole, which it could not tell from its own faults', () => {
    const replay = (list: Trade[]) => () => createReplayMarket({ symbol: 'XRP/ETH', trades: list })
    expect(replay([trades[0]!, trades[2]!])).toThrow('expected consecutive integers as ids, got 9 after 7')
    expect(replay([{ ...trades[0]!, id: 'x7' }])).toThrow('expected consecutive integers')
    expect(replay([trades[0]!, { ...trades[1]!, timestamp: 999 }])).toThrow(
      'expected ascending times, got 999 after 1000',
    )
  })

  const folder = process.env.MARKET_DATA_DIR
  test.skipIf(!folder)(
    'of a real recording has exactly the candles that were kept beside it (needs MARKET_DATA_DIR)',
    () => {
      const read = (name: string): Buffer => readFileSync(join(folder ?? '', 'freqtrade', name))
      const market = createReplayMarket({ symbol: 'XRP/ETH', trades: parseRecording(read('XRP_ETH-trades.json.gz')) })
      const candles = market.candles('XRP/ETH', '1m', { since: 0, until: 2e12 })
      const lines = String(gunzipSync(read('XRP_ETH-1m.csv.gz')))
        .trim()
        .split('\n')
        .slice(1)
      expect(
        candles.map(({ timestamp, open, high, low, close, volume }) => [timestamp, open, high, low, close, volume]),
      ).toEqual(lines.map((line) => line.split(',').map(Number)))
    },
  )
})

import { buildCandles, type Timeframe } from '@fullon/market'
import { describe, expect, test } from 'vitest'
import { createSeededMarket, DEFAULT_SYMBOLS, type Market } from '../src/index.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const HOUR_MS = 3_600_000
const DAY = { since: SINCE, until: SINCE + 24 * HOUR_MS }
const SYMBOLS = DEFAULT_SYMBOLS.map(({ symbol }) => symbol)

function open(seed = 1): Market {
  return createSeededMarket({ seed, since: SINCE })
}

describe('a seeded market', () => {
  test('is the same for ever, whatever is asked first', () => {
    const forward = open()
    const backward = open()
    for (let hour = 23; hour >= 0; hour -= 5) {
      const since = SINCE + hour * HOUR_MS
      backward.candles('ADA/USD', '5m', { since, until: since + HOUR_MS })
      backward.trades('BTC/USD', { since, until: since + 1 })
    }
    for (const symbol of SYMBOLS) expect(backward.trades(symbol, DAY)).toEqual(forward.trades(symbol, DAY))
    // Written down once: a change of the generator changes every recorded failure, so it must be on purpose.
    const bitcoin = forward.trades('BTC/USD', DAY)
    expect([bitcoin[0], bitcoin.at(-1)]).toMatchInlineSnapshot(`
      [
        {
          "amount": 0.01601335,
          "id": "1",
          "price": 64017.39,
          "side": "buy",
          "timestamp": 1767225601979,
          "timestampUs": 1767225601979016,
        },
        {
          "amount": 0.06338458,
          "id": "21338",
          "price": 61736.22,
          "side": "buy",
          "timestamp": 1767311996156,
          "timestampUs": 1767311996156077,
        },
      ]
    `)
  })

  test('gives a symbol the same trades whatever others there are, and other seeds other trades', () => {
    const [, ethereum] = DEFAULT_SYMBOLS
    const alone = createSeededMarket({ seed: 1, since: SINCE, symbols: [ethereum!] })
    expect(alone.trades('ETH/USD', DAY)).toEqual(open().trades('ETH/USD', DAY))
    expect(open(2).trades('ETH/USD', DAY)[0]).not.toEqual(open().trades('ETH/USD', DAY)[0])
  })

  test.each(SYMBOLS)('%s: ids are consecutive and microseconds unique, so a cursor loses nothing', (symbol) => {
    const market = open()
    const trades = market.trades(symbol, DAY)
    const decimals = 10 ** market.priceDecimals(symbol)
    for (const [index, trade] of trades.entries()) {
      const previous = trades[index - 1]
      expect(Number(trade.id)).toBe(index + 1)
      expect(trade.timestampUs).toBeGreaterThan(previous?.timestampUs ?? 0)
      expect(trade.timestamp).toBe(Math.floor(trade.timestampUs / 1000))
      // What ccxt computes from the seconds on the wire.
      expect(Math.trunc((trade.timestampUs / 1e6) * 1000)).toBe(trade.timestamp)
      expect(trade.price).toBe(Math.round(trade.price * decimals) / decimals)
      expect(trade.amount).toBe(Math.round(trade.amount * 1e8) / 1e8)
      expect(trade.amount).toBeGreaterThan(0)
    }
    const shared = trades.filter((trade, index) => trade.timestamp === trades[index - 1]?.timestamp)
    expect(shared.length).toBeGreaterThan(trades.length / 10)
  })

  test('has busy symbols and one that is empty for minutes at a time', () => {
    const market = open()
    for (const { symbol, tradesPerMinute = 12, quiet = 0 } of DEFAULT_SYMBOLS) {
      const minutes = market.candles(symbol, '1m', DAY)
      const perMinute = market.trades(symbol, DAY).length / 1440 / (1 - quiet)
      expect(Math.abs(perMinute / tradesPerMinute - 1)).toBeLessThan(0.15)
      expect(Math.abs(1 - minutes.length / 1440 - quiet)).toBeLessThan(0.06)
      const stretches = minutes.map(({ timestamp }, index) => timestamp - (minutes[index - 1]?.timestamp ?? SINCE))
      expect(Math.max(...stretches)).toBeGreaterThan(quiet > 0 ? 10 * 60_000 : 0)
    }
  })

  test.each(['1m', '5m', '1h', '1d'] as Timeframe[])('%s candles are those of the trades', (timeframe) => {
    const market = open()
    for (const symbol of SYMBOLS) {
      const built = buildCandles(market.trades(symbol, DAY), timeframe)
      const candles = market.candles(symbol, timeframe, DAY)
      expect(candles).toHaveLength(built.length)
      for (const [index, { volume, trades, vwap, ...rest }] of candles.entries()) {
        const { volume: sum, ...expected } = built[index]!
        expect(rest).toEqual(expected)
        expect(Math.abs(volume / sum - 1)).toBeLessThan(1e-9)
        expect(volume).toBe(Number(volume.toFixed(8)))
        expect(trades).toBeGreaterThan(0)
        expect(vwap).toBeGreaterThanOrEqual(rest.low)
        expect(vwap).toBeLessThanOrEqual(rest.high)
      }
    }
  })

  test('refuses what it would have to make up for ever, or not at all', () => {
    expect(() => open().trades('BTC/USD', { since: SINCE, until: Number.POSITIVE_INFINITY })).toThrow(RangeError)
    expect(() => open().trades('DOGE/USD', DAY)).toThrow('expected one of BTC/USD')
    const [bitcoin] = DEFAULT_SYMBOLS
    const tooBusy = { ...bitcoin!, tradesPerMinute: 100 }
    expect(() => createSeededMarket({ seed: 1, since: SINCE, symbols: [tooBusy] })).toThrow('expected 0 to 40, got 100')
    expect(() => createSeededMarket({ seed: 1, since: SINCE, symbols: [bitcoin!, bitcoin!] })).toThrow('BTC/USD twice')
  })
})

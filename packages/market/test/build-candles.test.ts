import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildCandles,
  type Candle,
  compareTrades,
  floorToTimeframe,
  resampleCandles,
  saysNothing,
  TIMEFRAMES,
  type Timeframe,
  type Trade,
  timeframeMs,
} from '../src/index.js'

const DAY_MS = 86_400_000

const price = fc.double({ min: 0.01, max: 100_000, noNaN: true })
const anyTrades = fc.uniqueArray(
  fc.record({
    // Few distinct moments around two minutes' edges, some of them before 1970, and a few days far away.
    timestamp: fc
      .oneof(fc.integer({ min: -70, max: 70 }), fc.integer({ min: -9_000, max: 9_000 }))
      .map((s) => s * 1_000),
    id: fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    price,
    amount: fc.double({ min: 1e-8, max: 1_000, noNaN: true }),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
)

describe('buildCandles', () => {
  it('agrees with filtering the trades interval by interval', () => {
    fc.assert(
      fc.property(anyTrades, fc.constantFrom(...TIMEFRAMES), (trades, timeframe) => {
        expect(buildCandles(trades, timeframe)).toEqual(buildNaively(trades, timeframe))
      }),
      { numRuns: 300 },
    )
  })

  it('gives the same candles, to the last bit, for any order of arrival', () => {
    const shuffled = anyTrades.chain((trades) =>
      fc.tuple(fc.constant(trades), fc.shuffledSubarray(trades, { minLength: trades.length })),
    )
    fc.assert(
      fc.property(shuffled, ([trades, other]) => {
        expect(buildCandles(other, '1m')).toEqual(buildCandles(trades, '1m'))
      }),
    )
  })

  it('opens with 9 and closes with 10 when both ids share a millisecond', () => {
    const trades = [
      trade({ id: '10', price: 2 }),
      trade({ id: '9', price: 1 }),
      trade({ id: '9007199254740993', price: 3 }),
    ]
    expect(buildCandles(trades, '1m')).toMatchObject([{ open: 1, close: 3 }])
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.bigInt({ min: 0n, max: 10n ** 25n }), (a, b) => {
        const order = compareTrades(trade({ id: String(a) }), trade({ id: String(b) }))
        expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  it('makes no candle of an interval without a trade', () => {
    const [first, third] = [trade({ timestamp: 0 }), trade({ timestamp: 120_000 })]
    expect(buildCandles([first, third], '1m').map(({ timestamp }) => timestamp)).toEqual([0, 120_000])
    expect(buildCandles([], '1m')).toEqual([])
  })
})

describe('resampleCandles', () => {
  it('makes of minutes what the trades make of the longer timeframe', () => {
    fc.assert(
      fc.property(anyTrades, fc.constantFrom(...TIMEFRAMES), (trades, timeframe) => {
        const resampled = resampleCandles(buildCandles(trades, '1m'), '1m', timeframe)
        const built = buildCandles(trades, timeframe)
        expect(resampled.map(withoutVolume)).toEqual(built.map(withoutVolume))
        for (const [index, { volume }] of built.entries())
          expect(Math.abs(resampled[index]!.volume - volume)).toBeLessThanOrEqual(volume * 1e-9)
      }),
      { numRuns: 300 },
    )
  })

  it('resamples in steps as in one, for every pair of timeframes it accepts', () => {
    const minutes = buildCandles(
      Array.from({ length: 400 }, (_, index) =>
        trade({ timestamp: index * 3.5e6 - DAY_MS * 5, price: 1 + (index % 7) }),
      ),
      '1m',
    )
    for (const from of TIMEFRAMES)
      for (const to of TIMEFRAMES.filter((longer) => timeframeMs(longer) % timeframeMs(from) === 0)) {
        const steps = resampleCandles(resampleCandles(minutes, '1m', from), from, to)
        expect(steps, `${from} to ${to}`).toEqual(resampleCandles(minutes, '1m', to))
      }
  })

  it.each([
    ['3d', '1w'],
    ['5m', '3m'],
    ['1h', '1m'],
    ['2h', '3m'],
  ] as const)('refuses %s to %s instead of spreading a candle over two', (from, to) => {
    expect(() => resampleCandles([], from, to)).toThrow(`expected a multiple of ${from}, got ${to}`)
  })

  it('refuses candles that do not ascend, or come twice', () => {
    const twice = [candle({ timestamp: 60_000 }), candle({ timestamp: 60_000 })]
    expect(() => resampleCandles(twice, '1m', '5m')).toThrow('expected ascending candles, got 60000 after 60000')
    expect(() => resampleCandles([candle({ timestamp: 60_000 }), candle({})], '1m', '5m')).toThrow(RangeError)
  })
})

it('tells a quiet interval from one in which anything happened', () => {
  expect(saysNothing(candle({ volume: 0 }))).toBe(true)
  for (const change of [{ volume: 1e-9 }, { open: 2 }, { high: 2 }, { low: 0.5 }, { close: 2 }])
    expect(saysNothing(candle({ volume: 0, ...change })), JSON.stringify(change)).toBe(false)
})

function buildNaively(trades: readonly Trade[], timeframe: Timeframe): Candle[] {
  const opens = new Set(trades.map(({ timestamp }) => floorToTimeframe(timestamp, timeframe)))
  return [...opens]
    .sort((a, b) => a - b)
    .map((open) => {
      const inside = trades
        .filter(({ timestamp }) => open <= timestamp && timestamp < open + timeframeMs(timeframe))
        .sort((a, b) => a.timestamp - b.timestamp || (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
      const prices = inside.map((one) => one.price)
      return {
        timestamp: open,
        open: prices[0]!,
        high: Math.max(...prices),
        low: Math.min(...prices),
        close: prices.at(-1)!,
        volume: inside.reduce((sum, { amount }) => sum + amount, 0),
      }
    })
}

function withoutVolume({ volume: _, ...prices }: Candle): Omit<Candle, 'volume'> {
  return prices
}

function trade(fields: Partial<Trade>): Trade {
  return { timestamp: 0, id: '1', side: 'buy', price: 1, amount: 1, ...fields }
}

function candle(fields: Partial<Candle>): Candle {
  return { timestamp: 0, open: 1, high: 1, low: 1, close: 1, volume: 1, ...fields }
}

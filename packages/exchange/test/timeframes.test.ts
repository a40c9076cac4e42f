import type { Candle, Page } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { aggregatePage } from '../src/aggregate-page.js'
import { baseTimeframe } from '../src/base-timeframe.js'
import { loadExchangeClass } from '../src/load-ccxt.js'
import { restQuirksOf } from '../src/rest-quirks.js'

const HOUR_MS = 3_600_000
const AT = Date.UTC(2026, 0, 5)
const hour = (index: number): Candle => ({
  timestamp: AT + index * HOUR_MS,
  open: index,
  high: index + 2,
  low: index - 1,
  close: index + 1,
  volume: 1,
})

describe('a page of a timeframe that the exchange lacks', () => {
  const page: Page<Candle> = {
    rows: [3, 4, 5, 6, 7, 8].map(hour),
    covered: { since: AT + 3 * HOUR_MS, until: AT + 9 * HOUR_MS },
    confirmedUntil: AT + 7 * HOUR_MS,
    unavailable: { since: AT, until: AT + 3 * HOUR_MS, reason: 'old' },
  }

  it('holds whole intervals only, and is final only where all of one is', () => {
    expect(aggregatePage(page, '1h', '2h')).toEqual({
      rows: [
        { timestamp: AT + 4 * HOUR_MS, open: 4, high: 7, low: 3, close: 6, volume: 2 },
        { timestamp: AT + 6 * HOUR_MS, open: 6, high: 9, low: 5, close: 8, volume: 2 },
      ],
      covered: { since: AT + 4 * HOUR_MS, until: AT + 8 * HOUR_MS },
      confirmedUntil: AT + 6 * HOUR_MS,
      unavailable: { since: AT, until: AT + 4 * HOUR_MS, reason: 'old' },
    })
  })

  it('vouches for nothing where no interval is whole', () => {
    expect(aggregatePage(page, '1h', '12h')).toEqual({
      rows: [],
      unavailable: { since: AT, until: AT + 12 * HOUR_MS, reason: 'old' },
    })
  })
})

describe('what is asked for', () => {
  it.for([
    ['kraken', '1m', '1m'],
    ['kraken', '3m', '1m'],
    ['kraken', '8h', '4h'],
    ['kraken', '1w', '1d'], // its weeks begin on Thursday
    ['coinbaseexchange', '4h', '1h'],
    ['coinbaseexchange', '3d', '1d'],
    ['binance', '8h', '8h'],
  ] as const)('of %s for %s is %s', async ([exchange, timeframe, base]) => {
    const Exchange = await loadExchangeClass(exchange)
    expect(baseTimeframe({ ccxt: new Exchange({}), quirks: restQuirksOf(exchange) }, timeframe)).toBe(base)
  })

  it('is refused where nothing divides it', async () => {
    const Exchange = await loadExchangeClass('kraken')
    const ccxt = Object.assign(new Exchange({}), { timeframes: { '1h': 60, '1d': 1440 } })
    expect(() => baseTimeframe({ ccxt, quirks: restQuirksOf('kraken') }, '30m')).toThrow(
      expect.objectContaining({ code: 'TIMEFRAME_UNSUPPORTED', message: expect.stringContaining('1h 1d') }),
    )
  })
})

import { type Candle, timeframeMs } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { CandleLedger } from '../src/candle-stream.js'

const MINUTE_MS = timeframeMs('1m')
const SETTLE_MS = 65_000
const LATER = 100 * MINUTE_MS

describe('candles closed by a newer one', () => {
  it('gives each once, ascending, and never the forming one', () => {
    const ledger = makeLedger()
    for (const minute of [0, 0, 1, 1, 2]) ledger.add(candle(minute, minute + 1))
    expect(settled(ledger)).toEqual([candle(0, 1), candle(1, 2)])
    ledger.add(candle(3, 4))
    expect(settled(ledger)).toEqual([candle(2, 3)])
  })

  it('does not vouch for a candle that had no time to settle', () => {
    const ledger = makeLedger()
    ledger.add(candle(0, 1))
    ledger.add(candle(1, 1))
    expect(ledger.nextSettles).toBe(MINUTE_MS + SETTLE_MS)
    expect(settled(ledger, MINUTE_MS + SETTLE_MS - 1)).toEqual([])
    expect(settled(ledger, MINUTE_MS + SETTLE_MS)).toEqual([candle(0, 1)])
  })

  it('applies a correction that comes while a candle settles, and none that comes after', () => {
    const ledger = makeLedger()
    ledger.add(candle(0, 1))
    ledger.add(candle(1, 1))
    ledger.add(candle(0, 9))
    expect(settled(ledger)).toEqual([candle(0, 9)])
    ledger.add(candle(0, 5))
    ledger.add(candle(2, 1))
    expect(settled(ledger)).toEqual([candle(1, 1)])
  })

  it('does not vouch for a quiet minute between two candles', () => {
    const ledger = makeLedger()
    for (const minute of [0, 1, 3, 4]) ledger.add(candle(minute, 1))
    const spans = ledger.take(LATER).settled.map(({ covered }) => [covered!.since, covered!.until])
    expect(spans).toEqual([
      [0, 2 * MINUTE_MS],
      [3 * MINUTE_MS, 4 * MINUTE_MS],
    ])
  })

  it('gives up a candle whose last row could not be read, and takes it back with the next good row', () => {
    const ledger = makeLedger()
    ledger.add(candle(0, 1))
    ledger.refuse(0)
    ledger.add(candle(1, 1))
    ledger.refuse(MINUTE_MS)
    ledger.add(candle(1, 2))
    ledger.add(candle(2, 1))
    expect(settled(ledger)).toEqual([candle(1, 2)])
  })

  it('gives up all that has not settled when a whole frame could not be read', () => {
    const ledger = makeLedger()
    for (const minute of [0, 1, 2]) ledger.add(candle(minute, 1))
    ledger.refuse()
    for (const minute of [3, 4]) ledger.add(candle(minute, 1))
    expect(settled(ledger)).toEqual([candle(3, 1)])
  })

  it('tells a consumer that is a week behind instead of growing without end', () => {
    const ledger = makeLedger()
    const flood = () => {
      for (let minute = 0; minute < 20_000; minute++) ledger.add(candle(minute, 1))
    }
    expect(flood).toThrow(expect.objectContaining({ code: 'OVERFLOW' }))
  })
})

describe('candles closed by the exchange’s flag', () => {
  it('gives those that were flagged and no other, whatever follows them', () => {
    const ledger = makeLedger({ flagged: true })
    ledger.add(candle(0, 1), false)
    ledger.add(candle(0, 2), true)
    ledger.add(candle(1, 1), false) // its closing frame is lost
    ledger.add(candle(2, 1), false)
    ledger.add(candle(2, 3), true)
    expect(settled(ledger)).toEqual([candle(0, 2), candle(2, 3)])
  })

  it('does not fall back to an older state that arrives after the closed one', () => {
    const ledger = makeLedger({ flagged: true })
    ledger.add(candle(0, 2), true)
    ledger.add(candle(0, 1), false)
    expect(settled(ledger)).toEqual([candle(0, 2)])
  })

  it('takes a closing frame that comes after the next candle has begun', () => {
    const ledger = makeLedger({ flagged: true })
    ledger.add(candle(0, 1), false)
    ledger.add(candle(1, 1), false)
    ledger.add(candle(0, 2), true)
    expect(settled(ledger)).toEqual([candle(0, 2)])
  })
})

it('shows the forming candle when it changed, and not again', () => {
  const ledger = makeLedger()
  ledger.add(candle(0, 1))
  expect(ledger.take(0).forming).toEqual(candle(0, 1))
  expect(ledger.take(0).forming).toBeUndefined()
  ledger.add(candle(0, 2))
  ledger.add(candle(1, 1))
  expect(ledger.take(0)).toMatchObject({ closed: [candle(0, 2)], forming: candle(1, 1) })
})

function makeLedger({ flagged = false } = {}): CandleLedger {
  return new CandleLedger({ timeframe: '1m', settleMs: SETTLE_MS, flagged })
}

function settled(ledger: CandleLedger, serverNow = LATER): Candle[] {
  return ledger.take(serverNow).settled.flatMap(({ rows }) => rows)
}

function candle(minute: number, volume: number): Candle {
  return { timestamp: minute * MINUTE_MS, open: 1, high: 2, low: 1, close: 2, volume }
}

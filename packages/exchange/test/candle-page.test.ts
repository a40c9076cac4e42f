import { describe, expect, it } from 'vitest'
import { buildCandlePage, type CandleFacts, type CandleRequest, checkCandles } from '../src/candle-page.js'

const MINUTE_MS = 60_000
const AT = Date.UTC(2026, 0, 5)
const FACTS: CandleFacts = { settleMs: 65_000, auditDelayMs: 150_000, limit: 5, newestOnly: false }
const REQUEST: CandleRequest = { symbol: 'BTC/USD', timeframe: '1m', since: AT, until: AT + 10 * MINUTE_MS }
/** Long after: all has settled. */
const LATER = AT + 60 * MINUTE_MS

const minute = (index: number) => AT + index * MINUTE_MS
const row = (index: number) => [minute(index), 2, 3, 1, 2, 5]

function build(
  rows: readonly (readonly (number | undefined)[])[],
  {
    serverTime = LATER,
    request = REQUEST,
    facts = FACTS,
  }: Partial<{ serverTime: number; request: CandleRequest; facts: CandleFacts }> = {},
) {
  const refused: unknown[] = []
  const answer = checkCandles({ rows, serverTime }, request, (raw, reason) => refused.push([raw, reason]))
  return { page: buildCandlePage(answer, request, facts), refused }
}

describe('a page of candles', () => {
  it('that is full ends at its last candle: what follows is on the next one', () => {
    const { page } = build([0, 1, 2, 3, 4].map(row))
    expect(page.covered).toEqual({ since: AT, until: minute(5) })
  })

  it('that is not full reaches to the end of what was asked', () => {
    expect(build([0, 1, 3].map(row)).page.covered).toEqual({ since: AT, until: minute(10) })
  })

  it('vouches for no candle before it has settled, and never for the forming one', () => {
    const { page } = build([0, 1, 2, 3].map(row), { serverTime: minute(4) })
    expect(page.covered).toEqual({ since: AT, until: minute(2) })
    expect(page.rows.map(({ timestamp }) => timestamp)).toEqual([minute(0), minute(1)])
  })

  it('is final only where it is older than the audit waits', () => {
    expect(build([0, 1, 2, 3].map(row), { serverTime: minute(4) }).page.confirmedUntil).toBe(minute(1))
  })

  it('holds only rows of its span', () => {
    const { page } = build([-2, -1, 0, 1].map(row))
    expect(page.rows.map(({ timestamp }) => timestamp)).toEqual([minute(0), minute(1)])
  })

  it('of an exchange that serves the newest only begins at its first candle, and says what cannot be had', () => {
    const facts = { ...FACTS, newestOnly: true }
    const { page } = build([3, 4, 5, 6, 7].map(row), { facts })
    expect(page.covered).toEqual({ since: minute(3), until: minute(10) })
    expect(page.unavailable).toMatchObject({ since: AT, until: minute(3) })
    expect(build([3, 4, 5].map(row), { facts }).page.unavailable).toBeUndefined()
  })

  it('of an exchange that keeps a number of candles vouches for none it may not have, and gives up those it surely has not', () => {
    const facts = { ...FACTS, limit: 500, kept: 20 }
    const { page } = build([], { facts, serverTime: minute(25) + 5_000 })
    // 20 are kept: minutes 6 to 25. Two more at each side are left open.
    expect(page.covered).toEqual({ since: minute(8), until: minute(10) })
    expect(page.unavailable).toMatchObject({ since: AT, until: minute(4) })
  })

  it('that is full and ends before what was asked makes no progress', () => {
    expect(() => build([-7, -6, -5, -4, -3].map(row))).toThrow(expect.objectContaining({ code: 'NO_PROGRESS' }))
  })
})

describe('a row of a page', () => {
  it.for([
    ['with a price that is no number', [minute(2), 2, Number.NaN, 1, 2, 5]],
    ['with a price missing', [minute(2), undefined, 3, 1, 2, 5]],
    ['whose low is above its close', [minute(2), 3, 4, 2, 1, 5]],
    ['whose high is below its open', [minute(2), 5, 4, 1, 2, 5]],
    ['with a negative volume', [minute(2), 2, 3, 1, 2, -1]],
  ] as const)('%s is refused, reported as it came, and not vouched for', ([, bad]) => {
    const { page, refused } = build([row(0), row(1), bad, row(3), row(4)], { facts: { ...FACTS, limit: 100 } })
    expect(refused).toEqual([[bad, expect.stringContaining('expected')]])
    expect(page.covered).toEqual({ since: minute(3), until: minute(10) })
    expect(page.rows.map(({ timestamp }) => timestamp)).toEqual([minute(3), minute(4)])
  })

  it('from the future by the exchange’s own clock is refused', () => {
    const { refused } = build([row(0), row(9)], { serverTime: minute(8) })
    expect(refused).toHaveLength(1)
  })

  it('alone in what was asked is an error that quotes it, not silence', () => {
    const request = { ...REQUEST, until: minute(1) }
    expect(() => build([[AT, 3, 4, 2, 1, 5]], { request })).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }))
  })

  it.for([
    ['whose time is not an open time', [[AT + 1, 2, 3, 1, 2, 5]]],
    ['without a time', [[undefined, 2, 3, 1, 2, 5]]],
    ['twice', [row(1), row(1)]],
    ['out of order', [row(1), row(0)]],
  ] as const)('%s spoils the whole page: nothing can be placed', ([, rows]) => {
    expect(() => build(rows)).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }))
  })
})

import { floorToTimeframe } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import type { CandleRequest } from '../src/candle-page.js'
import { type CandleSource, readCandlePage } from '../src/candle-reader.js'

const MINUTE_MS = 60_000
const AT = Date.UTC(2026, 0, 5)
const NOW = AT + 600 * MINUTE_MS
const minute = (index: number) => AT + index * MINUTE_MS

interface World {
  /** Minutes with a candle. */
  readonly traded: readonly number[]
  /** Rows a page really holds. */
  readonly cap?: number
  readonly ignoresSince?: boolean
  /** The first answers that are empty although there are rows. */
  readonly emptyAnswers?: number
  readonly limit?: number
  readonly proven?: boolean
}

function open({ traded, cap = 10, ignoresSince = false, emptyAnswers = 0, limit = 10, proven = false }: World) {
  const asked: (number | undefined)[] = []
  let emptyLeft = emptyAnswers
  const source: CandleSource = {
    ask: async (since, rows = limit) => {
      asked.push(since === undefined ? undefined : (since - AT) / MINUTE_MS)
      if (emptyLeft-- > 0) return { rows: [], serverTime: NOW }
      const all = traded.map((index) => [minute(index), 2, 3, 1, 2, 5])
      const most = Math.min(rows, cap)
      const newest = since === undefined || ignoresSince
      const page = newest ? all.slice(-most) : all.filter(([timestamp]) => timestamp! >= since).slice(0, most)
      return { rows: page.filter(([timestamp]) => timestamp! >= (since ?? 0)), serverTime: NOW }
    },
    refuse: () => {},
    facts: { settleMs: 65_000, auditDelayMs: 150_000, limit, newestOnly: false, proven },
  }
  const read = (since: number, until: number) => {
    const request: CandleRequest = { symbol: 'BTC/USD', timeframe: '1m', since: minute(since), until: minute(until) }
    return readCandlePage(source, request)
  }
  return { read, asked }
}

const range = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index)
const span = (since: number, until: number) => ({ since: minute(since), until: minute(until) })

describe('a page of a gap', () => {
  it('is the newest part of it, in one request', async () => {
    const { read, asked } = open({ traded: range(0, 100), proven: true })
    const page = await read(20, 50)
    expect(page.covered).toEqual(span(40, 50))
    expect(page.rows).toHaveLength(10)
    expect(asked).toEqual([40])
  })

  it('where nothing happened comes with the candle before it, so that silence is seen', async () => {
    const { read } = open({ traded: [...range(0, 46), ...range(80, 100)], proven: true })
    const page = await read(47, 50)
    expect(page).toMatchObject({ rows: [], covered: span(47, 50) })
  })

  it('in a silence longer than a page is believed only between answers to control requests', async () => {
    const windowed = open({ traded: [], proven: true })
    await expect(windowed.read(40, 50)).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    const { read, asked } = open({ traded: range(0, 20), proven: true })
    const page = await read(40, 50)
    expect(page.covered).toEqual(span(40, 50))
    expect(asked).toEqual([40, undefined, 40, undefined, 40, undefined, 40])
  })

  it('is not lost to an empty answer of a moment', async () => {
    const { read } = open({ traded: range(0, 100), emptyAnswers: 1, proven: true })
    const page = await read(40, 50)
    expect(page.rows).toHaveLength(10)
  })

  it('is not lost to an outage that answers empty for a while', async () => {
    const { read } = open({ traded: range(0, 100), emptyAnswers: 4, proven: true })
    await expect(read(40, 50)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
  })
})

describe('an exchange of which nothing is proven', () => {
  it('that gives fewer rows than ccxt says is read on from its last one', async () => {
    const { read } = open({ traded: range(0, 100), cap: 4 })
    const page = await read(40, 50)
    expect(page.covered).toEqual(span(40, 50))
    expect(page.rows).toHaveLength(10)
  })

  it('that ignores since is not believed to have been silent before its newest rows', async () => {
    const { read } = open({ traded: range(0, 100), ignoresSince: true, limit: 20, cap: 10 })
    const page = await read(80, 100)
    expect(page.covered).toEqual(span(90, 100))
    expect((await read(75, 90)).covered).toBeUndefined()
  })

  it('is believed to have been silent where the same row follows whatever is asked', async () => {
    const { read } = open({ traded: range(45, 100) })
    expect((await read(40, 50)).covered).toEqual(span(40, 50))
  })
})

it('gives no candle twice and skips none, whatever the pages hold', async () => {
  for (const world of [{ cap: 3 }, { cap: 10 }, { proven: true }]) {
    const traded = range(0, 100).filter((index) => index % 7 !== 0 && (index < 30 || index > 55))
    const { read } = open({ traded, ...world })
    const seen: number[] = []
    for (let until = 100; until > 1; ) {
      const { rows, covered } = await read(1, until)
      seen.unshift(...rows.map(({ timestamp }) => (timestamp - AT) / MINUTE_MS))
      expect(covered!.until).toBe(minute(until))
      until = (floorToTimeframe(covered!.since, '1m') - AT) / MINUTE_MS
    }
    expect(seen).toEqual(traded.filter((index) => index >= 1))
  }
})

import { floorToTimeframe, type Timeframe } from '@fullon/market'
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
  /** Nothing is answered beyond a page's length behind `since`. */
  readonly windowed?: boolean
  /** The first answers that are empty although there are rows. */
  readonly emptyAnswers?: number
  /** The same of those that say since when; the newest page comes. */
  readonly emptyPasts?: number
  /** The one of these requests that is answered empty; the first is 1. */
  readonly emptyAsk?: number
  readonly limit?: number
  readonly proven?: boolean
  readonly whole?: Timeframe
}

function open(world: World) {
  const { traded, cap = 10, limit = 10, proven = false, whole = '1m' } = world
  const { ignoresSince = false, windowed = false, emptyAnswers = 0, emptyPasts = 0, emptyAsk } = world
  const asked: (number | undefined)[] = []
  let emptyLeft = emptyAnswers
  let emptyPastsLeft = emptyPasts
  const source: CandleSource = {
    ask: async (since, rows = limit) => {
      asked.push(since === undefined ? undefined : (since - AT) / MINUTE_MS)
      const isEmpty = emptyLeft-- > 0 || asked.length === emptyAsk || (since !== undefined && emptyPastsLeft-- > 0)
      if (isEmpty) return { rows: [], serverTime: NOW }
      const all = traded.map((index) => [minute(index), 2, 3, 1, 2, 5])
      const most = Math.min(rows, cap)
      const newest = since === undefined || ignoresSince
      const end = windowed && since !== undefined ? since + rows * MINUTE_MS : NOW
      const latest = windowed ? all.filter(([timestamp]) => timestamp! >= NOW - most * MINUTE_MS) : all
      const page = newest ? latest.slice(-most) : all.filter(([timestamp]) => timestamp! >= since).slice(0, most)
      const inside = page.filter(([timestamp]) => timestamp! >= (since ?? 0) && timestamp! < end)
      return { rows: inside, serverTime: NOW }
    },
    refuse: () => {},
    facts: { settleMs: 65_000, auditDelayMs: 150_000, limit, newestOnly: false, proven },
    whole,
    searched: new Map(),
  }
  const read = (since: number, until?: number) => {
    const span = { since: minute(since), until: until === undefined ? undefined : minute(until) }
    const request: CandleRequest = { symbol: 'BTC/USD', timeframe: '1m', ...span }
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

  it('in a silence longer than the newest page is believed between answers to requests further back', async () => {
    const { read, asked } = open({ traded: range(0, 260), windowed: true, proven: true })
    expect(await read(570, 580)).toMatchObject({ rows: [], covered: span(570, 580) })
    const search = [570, undefined, 560, 550, 530, 490, 410, 250]
    const rounds = Array.from({ length: 7 }, () => [570, undefined, 250])
    expect(asked).toEqual([search, ...rounds, 570].flat())
  })

  it('is not lost to an outage that answers empty for a while', async () => {
    const { read } = open({ traded: range(0, 100), emptyAnswers: 10, proven: true })
    await expect(read(40, 50)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
  })

  it('is not lost to an outage that serves only the newest page, where that holds some of it', async () => {
    const { read } = open({ traded: range(0, 100), emptyPasts: 100, proven: true })
    await expect(read(92, 98)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
  })

  it('is asked for more often where the newest page does not reach', async () => {
    const { read } = open({ traded: range(0, 100), emptyPasts: 6, proven: true })
    expect((await read(40, 50)).rows).toHaveLength(10)
  })

  it('is silent where the answer begins behind it', async () => {
    const { read, asked } = open({ traded: [...range(0, 30), ...range(51, 100)], emptyPasts: 1, proven: true })
    expect(await read(40, 50)).toMatchObject({ rows: [], covered: span(40, 50) })
    expect(asked).toEqual([40, undefined, 40])
  })

  it('without an end reaches no further than a page, of which an exchange may have answered no more', async () => {
    const { read } = open({ traded: range(0, 100).filter((index) => index !== 43), windowed: true, proven: true })
    const page = await read(40)
    expect(page.covered).toEqual(span(40, 50))
    expect(page.rows).toHaveLength(9)
  })
})

describe('an exchange of which nothing is proven', () => {
  it('that gives fewer rows than ccxt says is read on from its last one', async () => {
    const { read } = open({ traded: range(0, 100), cap: 4 })
    const page = await read(40, 50)
    expect(page.covered).toEqual(span(40, 50))
    expect(page.rows).toHaveLength(10)
  })

  it('is not believed to have nothing more when it does not even repeat the last one', async () => {
    const { read } = open({ traded: range(0, 100), cap: 4, emptyAsk: 2 })
    await expect(read(40, 50)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
  })

  it('that ignores since is not believed to have been silent before its newest rows', async () => {
    const { read } = open({ traded: range(0, 100), ignoresSince: true, limit: 20, cap: 10 })
    const page = await read(80, 100)
    expect(page.covered).toEqual(span(90, 100))
    await expect(read(75, 90)).rejects.toMatchObject({ code: 'NO_PROGRESS', transient: true })
  })

  it.for([
    ['the newest rows whatever is asked', { ignoresSince: true, cap: 100, limit: 100 }],
    ['none older than it serves', {}],
  ] as const)('and that gives %s is not believed to have been silent before them', async ([, world]) => {
    const { read, asked } = open({ traded: range(45, 100), limit: 20, ...world })
    expect((await read(30, 50)).covered).toEqual(span(45, 50))
    await expect(read(30, 45)).rejects.toThrow(/2026-01-05T00:45:00.*nothing shows that anything older is served/)
    const before = asked.length
    await expect(read(30, 45)).rejects.toMatchObject({ code: 'NO_PROGRESS' })
    expect(asked.length - before).toBe(1) // it was searched in vain a moment ago
  })

  it.for([{ windowed: false }, { windowed: true }])(
    'is believed to have been silent behind what it serves %o',
    async (world) => {
      const { read } = open({ traded: [...range(0, 20), ...range(60, 100)], ...world })
      expect((await read(40, 60)).covered).toEqual(span(50, 60))
      expect((await read(40, 50)).covered).toEqual(span(40, 50))
    },
  )

  it('is asked for what is older, too, where its first rows make no whole interval of what is built of them', async () => {
    const { read } = open({ traded: [...range(0, 20), ...range(47, 100)], whole: '5m' })
    expect((await read(45, 50)).covered).toEqual(span(45, 50))
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

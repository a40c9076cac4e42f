import { compareTrades, type Span, subtractSpans, type Trade } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { BINANCE } from '../src/quirks/binance.js'
import { TradeAnchors } from '../src/trade-anchors.js'
import { readTradePage } from '../src/trade-page.js'
import type { TradeAsk, TradePaging } from '../src/trade-paging.js'

const AT = Date.UTC(2026, 0, 5)
const HOUR_MS = 3_600_000
const NOW = AT + 100 * HOUR_MS
const LIMIT = 10

/** Trades whose times lie at these milliseconds after AT, ids consecutive from 1,001. */
function tradesAt(times: readonly number[]): Trade[] {
  return times.map((time, index) => ({
    timestamp: AT + time,
    id: String(1_001 + index),
    side: 'buy',
    price: 100 + index,
    amount: 1,
  }))
}

/** What one exchange answers; an empty one at first where `emptyAnswers` says so. */
function open(
  paging: TradePaging,
  answer: (ask: TradeAsk) => readonly Trade[],
  {
    emptyAnswers = 0,
    limit = LIMIT,
    isEmpty = () => false,
  }: { emptyAnswers?: number; limit?: number; isEmpty?: (ask: TradeAsk) => boolean } = {},
) {
  const asked: TradeAsk[] = []
  let emptyLeft = emptyAnswers
  const source = {
    subject: 'BTC/USD trades',
    ask: async (ask: TradeAsk) => {
      asked.push(ask)
      return {
        trades: emptyLeft-- > 0 || isEmpty(ask) ? [] : answer(ask),
        refused: [],
        json: undefined,
        serverTime: NOW,
      }
    },
    serverNow: () => NOW,
    settleMs: 65_000,
    auditDelayMs: 150_000,
    limit,
    anchors: new TradeAnchors(),
  }
  const read = (since: number, until: number) => readTradePage(source, paging, { since: AT + since, until: AT + until })
  return { read, asked }
}

async function readAll(read: (since: number, until: number) => ReturnType<typeof readTradePage>, span: Span) {
  const rows: Trade[] = []
  const done: Span[] = []
  for (let gap = subtractSpans([span], done).at(-1); gap; gap = subtractSpans([span], done).at(-1)) {
    const page = await read(gap.since - AT, gap.until - AT)
    rows.push(...page.rows)
    if (!page.covered) throw new Error('no progress')
    done.push(page.covered)
  }
  return rows.sort(compareTrades)
}

/** binance: by time for an hour at most, or from an id on. */
function binance(trades: readonly Trade[]) {
  return ({ since, params }: TradeAsk) => {
    if (params?.fromId) return trades.filter(({ id }) => Number(id) >= Number(params.fromId)).slice(0, LIMIT)
    if (since === undefined) return trades.slice(-LIMIT)
    const until = Number(params?.until)
    if (until - since > HOUR_MS) throw new Error('binance refuses more than an hour')
    return trades.filter(({ timestamp }) => since <= timestamp && timestamp <= until).slice(0, LIMIT)
  }
}

/** coinbaseexchange: the newest older than an id. */
function coinbase(trades: readonly Trade[]) {
  return ({ params }: TradeAsk) =>
    trades.filter(({ id }) => !params?.after || BigInt(id) < BigInt(String(params.after))).slice(-LIMIT)
}

const FROM_ID: TradePaging = { ...BINANCE.trades!, limit: LIMIT } as TradePaging
const BY_TIME: TradePaging = {
  direction: 'forward',
  limit: LIMIT,
  windowMs: Number.POSITIVE_INFINITY,
  first: (since) => ({ since }),
}
const BY_ID: TradePaging = {
  direction: 'backward',
  limit: LIMIT,
  newest: {},
  before: (id) => ({ params: { after: id } }),
}

/** Thirty trades an hour for ten hours, 25 in one millisecond, and five silent hours. */
const BUSY = tradesAt([
  ...Array.from({ length: 300 }, (_, index) => index * 120_000),
  ...Array.from({ length: 25 }, () => 11 * HOUR_MS),
  ...Array.from({ length: 60 }, (_, index) => 17 * HOUR_MS + index * 1_000),
])
const ALL: Span = { since: AT, until: AT + 20 * HOUR_MS }

describe('trades paged by the exchange’s cursor', () => {
  it.for([
    ['forwards from an id', FROM_ID, binance],
    ['backwards from an id', BY_ID, coinbase],
  ] as const)('%s come each once, also where a millisecond holds more than a page', async ([, paging, exchange]) => {
    const { read } = open(paging, exchange(BUSY))
    expect(await readAll(read, ALL)).toEqual(BUSY)
  })

  it('in an hour’s window that is empty are not taken for the end of the market', async () => {
    const { read } = open(FROM_ID, binance(BUSY))
    const page = await read(12 * HOUR_MS, 20 * HOUR_MS)
    expect(page).toMatchObject({ rows: [], covered: { since: AT + 12 * HOUR_MS, until: AT + 13 * HOUR_MS } })
  })

  it('that are there are not lost to an empty answer', async () => {
    const { read } = open(FROM_ID, binance(BUSY), { emptyAnswers: 1 })
    expect((await read(0, HOUR_MS)).rows).toHaveLength(9)
  })

  it('that are there are not lost to an outage that answers empty', async () => {
    for (const [paging, exchange] of [
      [FROM_ID, binance],
      [BY_ID, coinbase],
    ] as const) {
      const { read } = open(paging, exchange(BUSY), { emptyAnswers: 20 })
      await expect(read(0, HOUR_MS)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
    }
  })

  it('that the newest page holds are not lost to an outage that answers nothing else', async () => {
    const isEmpty = ({ since, params }: TradeAsk) => since !== undefined || params !== undefined
    const recent = 17 * HOUR_MS + 55_000
    for (const [paging, exchange] of [
      [FROM_ID, binance],
      [BY_TIME, coinbase],
    ] as const) {
      const { read } = open(paging, exchange(BUSY), { isEmpty })
      await expect(read(recent, recent + 3_000)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
    }
  })

  it('that are known to be older are not lost to an outage that answers only for the newest', async () => {
    let isOut = false
    const { read } = open(BY_ID, coinbase(BUSY), { isEmpty: ({ params }) => isOut && params !== undefined })
    await read(2 * HOUR_MS, 3 * HOUR_MS)
    isOut = true
    await expect(read(7 * HOUR_MS, 8 * HOUR_MS)).rejects.toMatchObject({ code: 'BAD_RESPONSE', transient: true })
  })

  it('that follow a page of one millisecond are not lost to an empty answer', async () => {
    let left = 1
    const isEmpty = ({ params }: TradeAsk) => params?.fromId === '1311' && left-- > 0
    const { read } = open(FROM_ID, binance(BUSY), { isEmpty })
    expect((await read(11 * HOUR_MS, 11 * HOUR_MS + 1)).rows).toHaveLength(25)
  })

  it('are silent between two that follow each other, however long', async () => {
    const { read, asked } = open(FROM_ID, binance(BUSY))
    await read(11 * HOUR_MS, 12 * HOUR_MS)
    for (let hour = 12; hour < 17; hour++) {
      const before = asked.length
      const page = await read(hour * HOUR_MS, (hour + 1) * HOUR_MS)
      expect(page).toMatchObject({
        rows: [],
        covered: { since: AT + hour * HOUR_MS, until: AT + (hour + 1) * HOUR_MS },
      })
      expect(asked.length - before).toBe(3)
    }
  })

  it('are found deep in the past by a few requests, and next to there by one', async () => {
    const many = tradesAt(Array.from({ length: 20_000 }, (_, index) => index * 10_000))
    const { read, asked } = open(BY_ID, coinbase(many))
    const until = 10 * HOUR_MS + 12_345
    const page = await read(9 * HOUR_MS, until)
    expect(page.covered!.until).toBe(AT + until)
    expect(asked.length).toBeLessThan(15)
    const before = asked.length
    const next = await read(9 * HOUR_MS, page.covered!.since - AT)
    expect(asked.length - before).toBe(1)
    expect(next.rows).toHaveLength(LIMIT - 1)
  })

  it('before the first one ever made are silence, once it was asked again', async () => {
    const { read, asked } = open(BY_ID, coinbase(BUSY))
    const page = await read(-5 * HOUR_MS, 0)
    expect(page).toMatchObject({ rows: [], covered: { since: AT - 5 * HOUR_MS, until: AT } })
    expect(asked.filter(({ params }) => !params).length).toBeGreaterThanOrEqual(3)
  })

  it('come once where a page begins with the end of the one before', async () => {
    const inclusive = { ...FROM_ID, next: ({ trades }) => ({ params: { fromId: trades.at(-1)!.id } }) } as TradePaging
    const { read } = open(inclusive, binance(BUSY))
    expect((await read(11 * HOUR_MS, 11 * HOUR_MS + 1)).rows).toHaveLength(25)
  })

  it('that end in a page that repeats itself are an error', async () => {
    const stuck: TradePaging = { ...BY_TIME, next: () => ({ since: AT }) } as TradePaging
    const { read } = open(stuck, () => BUSY.slice(300, 310))
    await expect(read(11 * HOUR_MS, 12 * HOUR_MS)).rejects.toMatchObject({ code: 'NO_PROGRESS' })
  })
})

describe('trades of an exchange without a cursor', () => {
  const byTime =
    (trades: readonly Trade[]) =>
    ({ since = 0 }: TradeAsk) =>
      trades.filter(({ timestamp }) => timestamp >= since).slice(0, LIMIT)

  it('overlap by a millisecond and come each once', async () => {
    const trades = tradesAt([1, 1, 2, 2, 2, 3, 4, 4, 4, 5, 5, 5, 5, 6, 7, 7, 8, 9, 9, 9, 10, 11, 12, 12, 13])
    const { read } = open(BY_TIME, byTime(trades))
    expect(await readAll(read, { since: AT, until: AT + 20 })).toEqual(trades)
  })

  it('that fill more than a page in one millisecond are neither skipped nor an endless loop', async () => {
    const { read } = open(BY_TIME, byTime(tradesAt(Array.from({ length: 11 }, () => 5))))
    await expect(read(5, 20)).rejects.toMatchObject({ code: 'NO_PROGRESS' })
  })
})

describe('the newest trades of an exchange that serves nothing older', () => {
  const newest: TradePaging = { direction: 'newest', limit: LIMIT }
  const twenty = tradesAt(Array.from({ length: 20 }, (_, index) => index * 1_000))

  it('vouch from behind their first millisecond, and the rest is given up', async () => {
    const { read } = open(newest, () => twenty.slice(-LIMIT))
    const page = await read(0, HOUR_MS)
    expect(page.covered).toEqual({ since: AT + 10_001, until: AT + HOUR_MS })
    expect(page.unavailable).toMatchObject({ since: AT, until: AT + 10_001 })
  })

  it('prove nothing where the length of a page is not known', async () => {
    const { read } = open({ ...newest, limit: Number.POSITIVE_INFINITY }, () => twenty.slice(-LIMIT), {
      limit: Number.POSITIVE_INFINITY,
    })
    const page = await read(0, HOUR_MS)
    expect(page.covered!.since).toBe(AT + 10_001)
    expect(page.unavailable).toBeUndefined()
  })
})

it('gives up trades that are older than the exchange keeps them, without asking', async () => {
  const { read, asked } = open({ ...BY_ID, keptMs: 50 * HOUR_MS } as TradePaging, coinbase(BUSY))
  expect(await read(0, HOUR_MS)).toMatchObject({ rows: [], unavailable: { since: AT, until: AT + HOUR_MS } })
  expect(asked).toEqual([])
})

it('vouches for no trade before it has settled', async () => {
  const recent = tradesAt([100 * HOUR_MS - 300_000, 100 * HOUR_MS - 100_000, 100 * HOUR_MS - 1_000])
  for (const [paging, exchange] of [
    [FROM_ID, binance],
    [BY_ID, coinbase],
  ] as const) {
    const { read } = open(paging, exchange(recent))
    const page = await read(100 * HOUR_MS - 200_000, 100 * HOUR_MS)
    expect(page.covered!.until).toBe(NOW - 65_000)
    expect(page.rows).toHaveLength(1)
    expect(page.confirmedUntil).toBe(NOW - 150_000)
  }
})

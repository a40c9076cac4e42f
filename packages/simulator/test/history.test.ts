import { buildCandles, type Span } from '@fullon/market'
import { describe, expect, test } from 'vitest'
import { FaultSchedule } from '../src/fault-schedule.js'
import { createHistory, type History } from '../src/history.js'
import { createSeededMarket, type Fault, type Market } from '../src/index.js'
import { FOREVER, SilencedMarket } from '../src/silenced-market.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const START = SINCE + 120 * MINUTE_MS
const END = START + 60 * MINUTE_MS
const WHOLE = { since: SINCE, until: END }

function open(faults: readonly Fault[]): { market: Market; history: History } {
  const market = createSeededMarket({ seed: 9, since: SINCE })
  const schedule = new FaultSchedule(START)
  for (const fault of faults) schedule.add(fault)
  return { market, history: createHistory(market, schedule) }
}

/** Everything that was sent on a socket, in order, by ticks of 7 s. */
function published(history: History, symbol: string): string[] {
  const ids: string[] = []
  for (let since = START; since < END; since += 7000)
    ids.push(...history.published(symbol, { since, until: Math.min(END, since + 7000) }).map(({ id }) => id))
  return ids
}

describe('late trades', () => {
  const { market, history } = open([
    { kind: 'late-trades', atMs: 5 * MINUTE_MS, forMs: 20 * MINUTE_MS, latenessMs: 12_000, share: 0.4 },
  ])

  test('come out of order, each once, none later than stated', () => {
    const ids = published(history, 'BTC/USD')
    const expected = market.trades('BTC/USD', { since: START, until: END })
    expect(ids).not.toEqual(expected.map(({ id }) => id))
    expect(ids.toSorted((a, b) => Number(a) - Number(b))).toEqual(expected.map(({ id }) => id))
    // However long a tick is.
    expect(history.published('BTC/USD', { since: START, until: END }).map(({ id }) => id)).toEqual(ids)
    for (let until = START; until < END; until += 3000) {
      const settled = { since: START, until: until - 12_000 }
      expect(history.at(until).trades('BTC/USD', settled)).toEqual(market.trades('BTC/USD', settled))
    }
  })

  test('are missing from pages, from candles and from the socket until the same moment', () => {
    let missing = 0
    for (let until = START; until < START + 25 * MINUTE_MS; until += 1000) {
      const view = history.at(until)
      const known = view.trades('BTC/USD', { since: START - 10 * MINUTE_MS, until })
      const ids = new Set(known.map(({ id }) => id))
      const all = market.trades('BTC/USD', { since: START - 10 * MINUTE_MS, until })
      missing += all.length - known.length
      const sent = history.published('BTC/USD', { since: START, until }).map(({ id }) => id)
      expect(new Set(sent)).toEqual(new Set(known.filter(({ timestamp }) => timestamp >= START).map(({ id }) => id)))
      const first = known.at(-15)!
      expect(view.tradesFrom('BTC/USD', Number(first.id), 10)).toEqual(known.slice(-15, -5))
      expect(view.newestTrades('BTC/USD', 20)).toEqual(known.slice(-20))
      const candles = view.candles('BTC/USD', '5m', { since: START - 10 * MINUTE_MS, until })
      expect(candles.reduce((sum, { trades }) => sum + trades, 0)).toBe(ids.size)
    }
    expect(missing).toBeGreaterThan(100)
  })
})

test('a correction: the candles lack the minute’s last trade until then, the trades never do', () => {
  const { market, history } = open([{ kind: 'correction', atMs: 9 * MINUTE_MS + 1, delayMs: 40_000 }])
  const minute = { since: START + 10 * MINUTE_MS, until: START + 11 * MINUTE_MS }
  const trades = market.trades('BTC/USD', minute)
  const correctedAt = minute.until + 40_000
  expect(history.at(correctedAt).trades('BTC/USD', minute)).toEqual(trades)
  for (const timeframe of ['1m', '5m', '1h'] as const) {
    const span = { since: START, until: END }
    const count = (until: number) =>
      history
        .at(until)
        .candles('BTC/USD', timeframe, span)
        .reduce((sum, candle) => sum + candle.trades, 0)
    const upTo = (until: number) => market.trades('BTC/USD', { since: START, until }).length
    expect(count(correctedAt)).toBe(upTo(correctedAt) - 1)
    expect(count(correctedAt + 1)).toBe(upTo(correctedAt + 1))
  }
  expect(history.at(correctedAt).candles('BTC/USD', '1m', minute)).toMatchObject(
    buildCandles(trades.slice(0, -1), '1m').map(({ close }) => ({ close })),
  )
})

test('quiet minutes have no trades, and the ids go on as if nothing were missing', () => {
  const quiet = { since: START + 10 * MINUTE_MS + 30_000, until: START + 20 * MINUTE_MS + 30_000 }
  const { market, history } = open([
    { kind: 'quiet', atMs: 10 * MINUTE_MS + 30_000, forMs: 10 * MINUTE_MS },
    { kind: 'quiet', atMs: 40 * MINUTE_MS, forMs: MINUTE_MS, symbol: 'ETH/USD' },
  ])
  const view = history.at(END)
  const trades = view.trades('BTC/USD', WHOLE)
  const outside = market
    .trades('BTC/USD', WHOLE)
    .filter(({ timestamp }) => timestamp < quiet.since || timestamp >= quiet.until)
  expect(trades.map(({ timestampUs }) => timestampUs)).toEqual(outside.map(({ timestampUs }) => timestampUs))
  expect(trades.map(({ id }) => Number(id))).toEqual(trades.map((_, index) => Number(trades[0]!.id) + index))
  for (const at of [0, 5, Math.floor(trades.length / 2), trades.length - 30]) {
    expect(view.tradesFrom('BTC/USD', Number(trades[at]!.id), 25)).toEqual(trades.slice(at, at + 25))
    expect(view.tradesSince('BTC/USD', trades[at]!.timestampUs, 25)).toEqual(trades.slice(at, at + 25))
  }
  expect(published(history, 'BTC/USD')).toEqual(
    trades.filter(({ timestamp }) => timestamp >= START).map(({ id }) => id),
  )
  const candles = view.candles('BTC/USD', '1m', WHOLE)
  expect(candles.filter(({ timestamp }) => timestamp > quiet.since && timestamp < quiet.until - MINUTE_MS)).toEqual([])
  expect(candles.reduce((sum, candle) => sum + candle.trades, 0)).toBe(trades.length)
  expect(view.trades('ETH/USD', { since: START + 40 * MINUTE_MS, until: START + 41 * MINUTE_MS })).toEqual([])
})

test('what is delisted has its past and no future', () => {
  const { market, history } = open([{ kind: 'delist', atMs: 5 * MINUTE_MS, symbol: 'SOL/USD' }])
  const at = START + 5 * MINUTE_MS
  expect(history.at(END).trades('SOL/USD', WHOLE)).toEqual(market.trades('SOL/USD', { since: SINCE, until: at }))
  expect(history.at(END).newestTrades('SOL/USD', 1)[0]!.timestamp).toBeLessThan(at)
  expect([history.at(at - 1), history.at(at)].map((view) => view.isListed('SOL/USD'))).toEqual([true, false])
  expect(history.at(END).isListed('BTC/USD')).toBe(true)
  const silenced = new SilencedMarket(market, () => [{ since: at, until: FOREVER }])
  expect(silenced.tradesAt('SOL/USD', silenced.countBefore('SOL/USD', END * 1000), 1e6)).toEqual([])
})

test('a limit of the history keeps what is older from REST alone', () => {
  const { market, history } = open([])
  const view = history.at(END, { days: 1 / 24, candles: 10 })
  const recent = { since: END - 60 * MINUTE_MS, until: END }
  expect(view.trades('BTC/USD', WHOLE)).toEqual(market.trades('BTC/USD', recent))
  expect(view.tradesFrom('BTC/USD', 1, 5)).toEqual(market.trades('BTC/USD', recent).slice(0, 5))
  const candles = view.candles('BTC/USD', '1m', WHOLE)
  expect(candles[0]!.timestamp).toBeGreaterThanOrEqual(END - 9 * MINUTE_MS)
})

test('what had been published at an instant never changes later, whatever faults follow', () => {
  const spans: Span[] = [WHOLE, { since: START, until: END }]
  const faults: Fault[] = [
    { kind: 'late-trades', atMs: 0, forMs: 40 * MINUTE_MS, latenessMs: 15_000 },
    { kind: 'correction', atMs: 12 * MINUTE_MS, delayMs: 90_000 },
  ]
  const schedule = new FaultSchedule(START)
  for (const fault of faults) schedule.add(fault)
  const history = createHistory(createSeededMarket({ seed: 9, since: SINCE }), schedule)
  const at = START + 20 * MINUTE_MS
  const look = () =>
    spans.map((span) => [history.at(at).trades('ETH/USD', span), history.at(at).candles('ETH/USD', '5m', span)])
  const before = look()
  schedule.add({ kind: 'quiet', atMs: 20 * MINUTE_MS, forMs: 5 * MINUTE_MS })
  schedule.add({ kind: 'correction', atMs: 20 * MINUTE_MS, delayMs: 1000 })
  schedule.add({ kind: 'late-trades', atMs: 20 * MINUTE_MS, forMs: MINUTE_MS, latenessMs: 60_000 })
  schedule.add({ kind: 'delist', atMs: 30 * MINUTE_MS, symbol: 'ETH/USD' })
  expect(look()).toEqual(before)
})

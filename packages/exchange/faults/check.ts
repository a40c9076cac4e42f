import { isDeepStrictEqual } from 'node:util'
import { type Candle, type EpochMs, type Span, type Trade, timeframeMs } from '@fullon/market'
import type { Simulator } from '@fullon/simulator'
import type { Delivered } from './collect.js'

type Truth = Simulator['truth']
type Delivery<Row> = Delivered<Row>['pages'][number]

const MINUTE_MS = timeframeMs('1m')
/** How far REST lags behind at most. */
const LAG_MS = 20_000
/** How fine the instants are that are looked at: what stood for a moment only is found by the finer ones. */
const STEPS_MS = [250, 1]

/** Everything that `watchTrades` vouched for, as it had been published then. */
export function checkStreamedTrades(truth: Truth, delivered: Delivered<Trade>): string[] {
  const problems = delivered.pages.map(({ page, at }) =>
    differ(delivered, page.covered, page.rows, truth.trades(delivered.symbol, page.covered ?? NOTHING, at)),
  )
  return [...problems.flat(), ...checkOrder(delivered)]
}

/** @param isExcused spans of candles that are provisional and may be wrong, and why that is so is documented */
export function checkStreamedCandles(
  truth: Truth,
  delivered: Delivered<Candle>,
  isExcused: (span: Span) => boolean,
): string[] {
  const { exchange, symbol } = delivered
  const problems = delivered.pages.flatMap(({ page, at }) =>
    page.rows.flatMap((row) => {
      const span = { since: row.timestamp, until: row.timestamp + MINUTE_MS }
      if (exchange === 'kraken' && isExcused(span)) return []
      // A candle that changed after its close need not be sent again: it is one that was published since.
      return wasPublished(truth, symbol, { span, row, since: span.until, until: at })
        ? []
        : [`${exchange} ${symbol} ${format(span)}: never was ${JSON.stringify(row)}`]
    }),
  )
  return [...problems, ...checkOrder(delivered)]
}

/** What has settled does not change any more where trades are concerned: all of it must be there. */
export function checkTradePages(truth: Truth, delivered: Delivered<Trade>): string[] {
  const problems = delivered.pages.map(({ page }) =>
    differ(delivered, page.covered, page.rows, truth.trades(delivered.symbol, page.covered ?? NOTHING)),
  )
  return [...problems.flat(), ...checkUnavailable(delivered)]
}

/** What is final equals the truth; the rest equals what was published when the exchange answered. */
export function checkCandlePages(truth: Truth, delivered: Delivered<Candle>): string[] {
  const problems = delivered.pages.flatMap((delivery) => checkCandlePage(truth, delivered, delivery))
  return [...problems, ...checkUnavailable(delivered)]
}

function checkCandlePage(
  truth: Truth,
  delivered: Delivered<Candle>,
  { page, askedAt, at }: Delivery<Candle>,
): string[] {
  const { covered, confirmedUntil = 0, rows } = page
  if (!covered) return rows.length > 0 ? [`${delivered.exchange} ${delivered.symbol}: rows that nothing covers`] : []
  const expected = new Map(truth.candles(delivered.symbol, '1m', covered).map((candle) => [candle.timestamp, candle]))
  const given = new Map(rows.map((row) => [row.timestamp, row]))
  const problems: string[] = []
  for (let timestamp = covered.since; timestamp < covered.until; timestamp += MINUTE_MS) {
    const [row, final] = [given.get(timestamp), expected.get(timestamp)]
    given.delete(timestamp)
    if (isSame(row, final)) continue
    const span = { since: timestamp, until: timestamp + MINUTE_MS }
    const published = { span, row, since: Math.max(askedAt - LAG_MS, span.until), until: at }
    if (span.until > confirmedUntil && wasPublished(truth, delivered.symbol, published)) continue
    problems.push(`${delivered.exchange} ${delivered.symbol}: expected ${show(final)}, got ${show(row)}`)
  }
  if (given.size > 0) problems.push(`${delivered.exchange} ${delivered.symbol}: rows outside of ${format(covered)}`)
  return problems
}

/** Each record once: the spans of a subscription follow each other. */
function checkOrder({ exchange, symbol, pages }: Delivered<unknown>): string[] {
  return pages.flatMap(({ page, run }, index) => {
    const before = pages[index - 1]
    if (before?.run !== run || !before.page.covered || !page.covered) return []
    if (page.covered.since >= before.page.covered.until) return []
    return [`${exchange} ${symbol}: ${format(page.covered)} after ${format(before.page.covered)}`]
  })
}

/** Nothing that was asked for is out of reach here. */
function checkUnavailable({ exchange, symbol, pages }: Delivered<unknown>): string[] {
  return pages.flatMap(({ page: { unavailable } }) =>
    unavailable ? [`${exchange} ${symbol}: ${format(unavailable)} was called unavailable: ${unavailable.reason}`] : [],
  )
}

function differ(
  { exchange, symbol }: Delivered<Trade>,
  covered: Span | undefined,
  rows: readonly Trade[],
  expected: readonly Trade[],
): string[] {
  if (isDeepStrictEqual(rows, expected)) return []
  const index = expected.findIndex((trade, place) => !isDeepStrictEqual(trade, rows[place]))
  const where = covered ? format(covered) : 'nothing'
  const what = `expected ${show(expected[index])}, got ${show(rows[index < 0 ? expected.length : index])}`
  return [`${exchange} ${symbol} ${where}: ${rows.length} trades of ${expected.length}, ${what}`]
}

function wasPublished(
  truth: Truth,
  symbol: string,
  { span, row, since, until }: { span: Span; row: Candle | undefined; since: EpochMs; until: EpochMs },
): boolean {
  for (const stepMs of STEPS_MS)
    for (let asOf = until; asOf >= since; asOf -= stepMs)
      if (isSame(row, truth.candles(symbol, '1m', span, asOf)[0])) return true
  return false
}

/** A minute without a trade has no candle, or one without volume. */
function isSame(row: Candle | undefined, published: Candle | undefined): boolean {
  return published ? isDeepStrictEqual(row, published) : !row || row.volume === 0
}

const NOTHING: Span = { since: 0, until: 0 }

function format({ since, until }: Span): string {
  return `${new Date(since).toISOString()} … ${new Date(until).toISOString()}`
}

function show(row: unknown): string {
  return JSON.stringify(row) ?? 'nothing'
}

import { inspect } from 'node:util'
import {
  type Candle,
  type EpochMs,
  floorToTimeframe,
  type Page,
  type Span,
  type Timeframe,
  type Trade,
} from '@fullon/market'
import { OhlcvError } from './errors.js'
import { STORABLE } from './sql/literals.js'

/** Postgres has no text with a NUL, and a half of a character would come back as another. */
const UNSTORABLE = /\0|\p{Surrogate}/u

/** @throws OhlcvError `INVALID` with the row quoted; RangeError for rows that nothing vouches for. */
export function checkCandlePage(subject: string, page: Page<Candle>, timeframe: Timeframe): void {
  checkPage(subject, page)
  const { covered, confirmedUntil, rows } = page
  for (const bound of [covered?.since, covered?.until, confirmedUntil]) {
    if (bound !== undefined && floorToTimeframe(bound, timeframe) !== bound) {
      throw invalid(subject, `spans aligned to ${timeframe}`, { ...covered, confirmedUntil })
    }
  }
  let previous: EpochMs = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    const problem = candleProblem(row, timeframe)
    if (problem) throw invalid(subject, problem, row)
    if (row.timestamp <= previous) throw invalid(subject, `candles ascending from ${previous}`, row)
    checkInside(subject, row, covered)
    previous = row.timestamp
  }
}

/** @throws as {@link checkCandlePage}. */
export function checkTradePage(subject: string, page: Page<Trade>): void {
  checkPage(subject, page)
  let previous: Trade | undefined
  let ids: Set<string> | undefined // of the trades that share the previous one's millisecond, when there are several
  for (const row of page.rows) {
    const problem = tradeProblem(row)
    if (problem) throw invalid(subject, problem, row)
    if (previous && row.timestamp < previous.timestamp) {
      throw invalid(subject, `trades ascending from ${previous.timestamp}`, row)
    }
    if (row.timestamp === previous?.timestamp) {
      ids ??= new Set([previous.id])
      if (ids.has(row.id)) throw invalid(subject, 'each trade once', row)
      ids.add(row.id)
    } else {
      ids = undefined
    }
    checkInside(subject, row, page.covered)
    previous = row
  }
}

/** @throws OhlcvError `INVALID` when it is empty or not in time as Postgres can store it. */
export function checkSpan(subject: string, { since, until }: Span): void {
  if (isTime(since) && isTime(until) && since <= until) return
  throw invalid(subject, 'a span of whole epoch milliseconds, since <= until', { since, until })
}

/** @throws RangeError unless it is a whole number from 0 on, or none. */
export function checkLimit(subject: string, limit: number | undefined): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) return
  throw new RangeError(`${subject}: expected a limit that is a whole number from 0 on, got ${inspect(limit)}`)
}

function checkPage(subject: string, { rows, covered, confirmedUntil, unavailable }: Page<unknown>): void {
  if (!covered && rows.length > 0) {
    throw new RangeError(`${subject}: expected rows with the span they vouch for, got no covered`)
  }
  if (covered) checkSpan(subject, covered)
  if (unavailable) checkSpan(subject, unavailable)
  if (confirmedUntil !== undefined && !isTime(confirmedUntil)) {
    throw invalid(subject, 'confirmedUntil in whole epoch milliseconds', { confirmedUntil })
  }
}

function checkInside(subject: string, row: { readonly timestamp: EpochMs }, covered?: Span): void {
  if (covered && row.timestamp >= covered.since && row.timestamp < covered.until) return
  throw invalid(subject, `rows inside [${covered?.since}, ${covered?.until})`, row)
}

function candleProblem({ timestamp, open, high, low, close, volume }: Candle, timeframe: Timeframe) {
  if (!isTime(timestamp) || floorToTimeframe(timestamp, timeframe) !== timestamp) {
    return `a timestamp aligned to ${timeframe}`
  }
  // One by one, for no array: this is every row that is saved.
  const areFinite = Number.isFinite(open) && Number.isFinite(high) && Number.isFinite(low) && Number.isFinite(close)
  if (!areFinite || !Number.isFinite(volume)) return 'finite prices and volume'
  if (low > Math.min(open, close) || high < Math.max(open, close)) return 'low <= open, close <= high'
  return volume < 0 ? 'volume >= 0' : undefined
}

function tradeProblem({ timestamp, id, side, price, amount }: Trade): string | undefined {
  if (!isTime(timestamp)) return 'a timestamp in whole epoch milliseconds'
  if (typeof id !== 'string' || id === '' || UNSTORABLE.test(id)) return 'an id that Postgres can store'
  if (side !== 'buy' && side !== 'sell') return 'side buy or sell'
  if (!Number.isFinite(price) || !Number.isFinite(amount)) return 'finite price and amount'
  return amount < 0 ? 'amount >= 0' : undefined
}

function isTime(timestamp: EpochMs): boolean {
  return Number.isInteger(timestamp) && timestamp >= STORABLE.since && timestamp < STORABLE.until
}

function invalid(subject: string, expected: string, got: unknown): OhlcvError {
  return new OhlcvError(
    'INVALID',
    `${subject}: expected ${expected}, got ${quote(got)} (nothing of this call is stored)`,
  )
}

/** JSON, with NaN and infinities as they are and not `null`. */
function quote(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'number' && !Number.isFinite(field) ? String(field) : field,
  )
}

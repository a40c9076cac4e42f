import {
  type Candle,
  ceilToTimeframe,
  type EpochMs,
  floorToTimeframe,
  type Page,
  type Timeframe,
  timeframeMs,
} from '@fullon/market'
import { asCandle, doubtCandle } from './check-rows.js'
import { ExchangeError } from './errors.js'
import type { CcxtCandle } from './load-ccxt.js'
import { vouch } from './vouch.js'

export interface CandleRequest {
  readonly symbol: string
  readonly timeframe: Timeframe
  /** Inclusive; without it the page starts at its first row. */
  readonly since?: EpochMs | undefined
  /** Exclusive; without it the page reaches as far as it can vouch. */
  readonly until?: EpochMs | undefined
}

/** What an exchange serves of a series, and how far its answers hold. */
export interface CandleFacts {
  readonly settleMs: number
  readonly auditDelayMs: number
  /** Rows of a full page. */
  readonly limit: number
  /** The exchange serves the newest `limit` and ignores an older `since`. */
  readonly newestOnly: boolean
  /** The exchange obeys `since` and keeps this many. */
  readonly kept?: number | undefined
}

export interface CandleAnswer {
  readonly rows: readonly CcxtCandle[]
  /** The exchange's time when it answered. */
  readonly serverTime: EpochMs
}

/** An answer whose rows were looked at: the valid ones, and where one had to be refused. */
export interface CheckedCandles {
  readonly candles: readonly Candle[]
  readonly refused: readonly EpochMs[]
  readonly serverTime: EpochMs
}

export type Refuse = (row: unknown, reason: string) => void

// Answers and our reading of the exchange's time are this many candles apart at most.
const KEPT_MARGIN = 2

/** @throws ExchangeError BAD_RESPONSE when a row says no time or the rows do not ascend: then nothing can be placed. */
export function checkCandles(
  { rows, serverTime }: CandleAnswer,
  request: CandleRequest,
  refuse: Refuse,
): CheckedCandles {
  const { symbol, timeframe } = request
  const candles: Candle[] = []
  const refused: EpochMs[] = []
  let previous: EpochMs = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    const doubt = doubtCandle(row, timeframe, serverTime)
    const [timestamp] = row
    if (doubt) refuse(row, `expected ${doubt}`)
    const placed = timestamp !== undefined && floorToTimeframe(timestamp, timeframe) === timestamp
    if (!placed || timestamp <= previous) {
      const expected = placed ? `a candle after ${previous}` : (doubt ?? 'an open time')
      throw new ExchangeError(
        'BAD_RESPONSE',
        `${symbol} ${timeframe}: expected ${expected}, got ${JSON.stringify(row)}`,
      )
    }
    previous = timestamp
    if (doubt) refused.push(timestamp)
    else candles.push(asCandle(row))
  }
  return { candles, refused, serverTime }
}

/**
 * What a REST answer vouches for: up to the least of the request's end and the exchange's time less `settleMs`; a full
 * page ends at its last candle, inclusive; a newest-only page starts at its first. Of an empty answer this is a claim
 * that somebody has to check.
 */
export function buildCandlePage(answer: CheckedCandles, request: CandleRequest, facts: CandleFacts): Page<Candle> {
  const { candles, refused, serverTime } = answer
  const { symbol, timeframe } = request
  const subject = `${symbol} ${timeframe}`
  const length = timeframeMs(timeframe)
  const count = candles.length + refused.length
  const first = least(candles[0]?.timestamp, refused[0])
  const last = greatest(candles.at(-1)?.timestamp, refused.at(-1))
  const since = firstVouched(first, request, facts, serverTime)
  if (since === undefined) return { rows: [] }
  const settled = floorToTimeframe(serverTime - facts.settleMs, timeframe)
  const full = !facts.newestOnly && count >= facts.limit && last !== undefined
  if (full && last + length <= since) {
    throw new ExchangeError(
      'NO_PROGRESS',
      `${subject}: expected candles from ${iso(since)} on, got a page up to ${iso(last)}`,
    )
  }
  const until = Math.min(request.until ?? settled, settled, full ? last + length : Number.POSITIVE_INFINITY)
  const page = vouch({
    subject,
    rows: candles,
    span: { since, until },
    finalBefore: floorToTimeframe(serverTime - facts.auditDelayMs, timeframe),
    refused: refused.map((timestamp) => ({ since: timestamp, until: timestamp + length })),
  })
  return { ...page, ...historyLimit(first, count, request, facts, serverTime) }
}

/** @throws ExchangeError BAD_RESPONSE quoting the row. */
export function parseCandle(row: CcxtCandle, { symbol, timeframe }: CandleRequest): Candle {
  const doubt = doubtCandle(row, timeframe)
  if (!doubt) return asCandle(row)
  throw new ExchangeError('BAD_RESPONSE', `${symbol} ${timeframe}: expected ${doubt}, got ${JSON.stringify(row)}`)
}

/** Open time of the oldest candle that is surely still served, of an exchange that keeps `kept`. */
export function oldestKept(serverTime: EpochMs, timeframe: Timeframe, kept: number): EpochMs {
  return floorToTimeframe(serverTime, timeframe) - (kept - 1 - KEPT_MARGIN) * timeframeMs(timeframe)
}

function firstVouched(
  first: EpochMs | undefined,
  { since = first, timeframe }: CandleRequest,
  { newestOnly, kept }: CandleFacts,
  serverTime: EpochMs,
): EpochMs | undefined {
  if (since === undefined) return undefined
  if (newestOnly) return first === undefined ? undefined : Math.max(since, first)
  return kept === undefined ? since : Math.max(since, oldestKept(serverTime, timeframe, kept))
}

/** What is proved not to be served: what is older than a full page of the newest, or than the exchange keeps. */
function historyLimit(
  first: EpochMs | undefined,
  count: number,
  { since, until = Number.POSITIVE_INFINITY, symbol, timeframe }: CandleRequest,
  { newestOnly, limit, kept }: CandleFacts,
  serverTime: EpochMs,
): Pick<Page<Candle>, 'unavailable'> {
  if (since === undefined) return {}
  const proved = newestOnly && count >= limit ? first : undefined
  const declared =
    kept === undefined ? undefined : oldestKept(serverTime, timeframe, kept) - 2 * KEPT_MARGIN * timeframeMs(timeframe)
  const end = Math.min(proved ?? declared ?? since, ceilToTimeframe(Math.min(until, serverTime), timeframe))
  if (end <= since) return {}
  return {
    unavailable: { since, until: end, reason: `${symbol}: only the ${kept ?? limit} newest candles are served` },
  }
}

function least(one: EpochMs | undefined, other: EpochMs | undefined): EpochMs | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}

function greatest(one: EpochMs | undefined, other: EpochMs | undefined): EpochMs | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

function iso(timestamp: EpochMs): string {
  return new Date(timestamp).toISOString()
}

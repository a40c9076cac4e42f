import {
  ceilToTimeframe,
  type EpochMs,
  floorToTimeframe,
  intersectSpans,
  parseTimeframe,
  type Span,
  subtractSpans,
  wholeIntervals,
} from '@fullon/market'
import type { CandleRepository } from './candle-repository.js'
import { orderWork } from './order-work.js'
import type { SeriesRepository } from './series-repository.js'
import type { BuildOptions, TradeRepository } from './trade-repository.js'
import { wantedSince } from './wanted-since.js'

export interface FindWorkOptions {
  /** From when on the series is wanted. */
  readonly since: EpochMs
  /** The exchange's time. */
  readonly now: EpochMs
  /** The exchange's answers hold for what is older than this, milliseconds. */
  readonly settleMs: number
  /** Answers are final for what is older than this, milliseconds. */
  readonly auditDelayMs: number
  /** The audit follows the present in steps of this, milliseconds. */
  readonly auditEveryMs: number
  /** Since when the live subscription stands without a break. */
  readonly liveSince?: EpochMs | undefined
}

/** What a series lacks right now, of answers and of final ones, most urgent first. */
export async function findWork(repository: SeriesRepository, options: FindWorkOptions): Promise<Span[]> {
  const { since, now, settleMs, auditDelayMs, auditEveryMs, liveSince } = options
  const { timeframe } = repository.series
  const floor = (timestamp: EpochMs) => (timeframe ? floorToTimeframe(timestamp, timeframe) : timestamp)
  const [horizon, auditHorizon] = [floor(now - settleMs), floor(now - auditDelayMs)]
  // Nothing is wanted of what has not settled yet: without history asked for, the first minutes.
  const settled = (until: EpochMs) => (since < until ? { since, until } : undefined)
  const lacking = await repository.lacking({ covered: settled(horizon), confirmed: settled(auditHorizon) })
  return orderWork({ gaps: lacking.covered, audits: lacking.confirmed, horizon, auditHorizon, auditEveryMs, liveSince })
}

/**
 * Trades that are missing under candles which the exchange serves no more, newest first. Where none are missing, the
 * candles are built at once; where they are not to be had, the candles are not either.
 */
export async function findTradesNeeded(
  candles: CandleRepository,
  trades: TradeRepository,
  { since, build }: { readonly since: EpochMs; readonly build: BuildOptions },
): Promise<Span[]> {
  const { finalBefore } = build
  if (finalBefore === undefined || finalBefore <= since) return []
  const lacking = await candles.gaps({ since, until: finalBefore, strength: 'confirmed' })
  const [newest, oldest] = [lacking[0], lacking.at(-1)]
  if (!newest || !oldest) return []
  const hull = { since: oldest.since, until: newest.until }
  const timeframe = parseTimeframe(build.timeframe)
  const missing = intersectSpans(lacking, await trades.gaps({ ...hull, strength: 'confirmed' }))
  for (const whole of wholeIntervals(subtractSpans(lacking, missing), timeframe)) {
    await trades.buildCandles(whole, build)
  }
  // Candles that would be built from trades which are not to be had are not to be had.
  for (const { reason, ...span } of await trades.unavailable(hull)) {
    const whole = { since: floorToTimeframe(span.since, timeframe), until: ceilToTimeframe(span.until, timeframe) }
    for (const lost of intersectSpans(lacking, [whole])) await candles.markUnavailable(lost, reason)
  }
  return missing.reverse()
}

/** From when on candles are wanted; without history asked for, from the first one stored. */
export async function findWantedSince(
  candles: CandleRepository,
  {
    now,
    backtestMs,
    keepMs,
  }: { readonly now: EpochMs; readonly backtestMs: number; readonly keepMs?: number | undefined },
): Promise<EpochMs> {
  const { timeframe } = candles.series
  const wanted = wantedSince({ now, backtestMs, keepMs, timeframe })
  const oldest = backtestMs > 0 ? undefined : await candles.getOldestTimestamp()
  return oldest === undefined ? wanted : Math.max(oldest, wantedSince({ now, backtestMs: now, keepMs, timeframe }))
}

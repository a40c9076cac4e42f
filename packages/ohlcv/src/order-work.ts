import type { EpochMs, Span } from '@fullon/market'

export interface WorkOptions {
  /** Wanted and not covered, up to `horizon`. */
  readonly gaps: readonly Span[]
  /** Wanted and not confirmed, up to `auditHorizon`. */
  readonly audits: readonly Span[]
  /** How far answers hold right now. */
  readonly horizon: EpochMs
  /** How far answers are final right now. */
  readonly auditHorizon: EpochMs
  /** The audit follows the present in steps of this: about one request each. */
  readonly auditEveryMs: number
  /** Since when the live subscription stands without a break; undefined when there is none. */
  readonly liveSince?: EpochMs | undefined
}

// Without a subscription the present moves on by requests, and not by one for every millisecond.
const STEP_MS = 30_000

/**
 * What to fetch next, most urgent first: recent gaps, recent audits, old gaps newest first, old audits (at the
 * lowest priority outright the audit would starve behind years of history). A gap that opened while the
 * subscription stood is a quiet minute far more often than a loss, so it waits for the audit's page; a series
 * that hardly trades then costs no request a minute.
 */
export function orderWork({ gaps, audits, horizon, auditHorizon, auditEveryMs, liveSince }: WorkOptions): Span[] {
  const isKnown = ({ since }: Span) => liveSince === undefined || since < liveSince
  const isWorthIt = ({ since, until }: Span) => until < horizon || until - since >= STEP_MS
  const isRecent = ({ until }: Span) => until > auditHorizon - 2 * auditEveryMs
  const open = newestFirst(gaps.filter((gap) => isKnown(gap) && isWorthIt(gap)))
  const due = newestFirst(audits.filter(({ since }) => since <= auditHorizon - auditEveryMs))
  return [...open.filter(isRecent), ...due.filter(isRecent), ...without(open, isRecent), ...without(due, isRecent)]
}

function newestFirst(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => b.until - a.until)
}

function without(spans: readonly Span[], isLeftOut: (span: Span) => boolean): Span[] {
  return spans.filter((span) => !isLeftOut(span))
}

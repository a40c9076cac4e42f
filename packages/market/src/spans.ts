import type { EpochMs } from './epoch-ms.js'

/** A stretch of time: `since` inclusive, `until` exclusive. */
export interface Span {
  readonly since: EpochMs
  readonly until: EpochMs
}

/**
 * A set of spans in normal form: ascending, none empty, none touching another.
 * Every function here takes spans in any form and gives them in normal form.
 *
 * @throws RangeError when a bound is not a finite number.
 */
export function normalizeSpans(spans: readonly Span[]): Span[] {
  const result: { since: EpochMs; until: EpochMs }[] = []
  for (const { since, until } of spans.filter(isNotEmpty).toSorted((a, b) => a.since - b.since)) {
    const last = result.at(-1)
    if (last && since <= last.until) last.until = Math.max(last.until, until)
    else result.push({ since, until })
  }
  return result
}

export function unionSpans(a: readonly Span[], b: readonly Span[]): Span[] {
  return normalizeSpans([...a, ...b])
}

/** What is in `a` and not in `b`. */
export function subtractSpans(a: readonly Span[], b: readonly Span[]): Span[] {
  const holes = normalizeSpans(b)
  const result: Span[] = []
  let first = 0
  for (const span of normalizeSpans(a)) {
    let { since } = span
    while ((holes[first]?.until ?? Number.POSITIVE_INFINITY) <= since) first++
    for (let index = first; index < holes.length; index++) {
      const hole = holes[index]
      if (!hole || hole.since >= span.until) break
      if (hole.since > since) result.push({ since, until: hole.since })
      since = Math.max(since, hole.until)
    }
    if (since < span.until) result.push({ since, until: span.until })
  }
  return result
}

/** What is in both. */
export function intersectSpans(a: readonly Span[], b: readonly Span[]): Span[] {
  return subtractSpans(a, subtractSpans(a, b))
}

/** What of `spans` lies inside `bounds`. */
export function clipSpans(spans: readonly Span[], bounds: Span): Span[] {
  return intersectSpans(spans, [bounds])
}

/** Whether no moment of `span` is outside `spans`. */
export function spansCover(spans: readonly Span[], span: Span): boolean {
  return subtractSpans([span], spans).length === 0
}

export function spansLengthMs(spans: readonly Span[]): number {
  return normalizeSpans(spans).reduce((sum, { since, until }) => sum + until - since, 0)
}

function isNotEmpty({ since, until }: Span): boolean {
  if (Number.isFinite(since) && Number.isFinite(until)) return since < until
  throw new RangeError(`span: expected finite epoch milliseconds, got [${since}, ${until})`)
}

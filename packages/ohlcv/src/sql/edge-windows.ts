import { type Span, timeframeMs } from '@fullon/market'

/** Which end of a span something is counted from. */
export type Edge = 'oldest' | 'newest'

const WIDER = 8

/**
 * A week at one edge of `bounds`, then wider ones up to all of it: rows near an edge are mostly found in the first, and a
 * read locks the partitions of its whole span, so that it would wait for each week of history that is being clustered.
 */
export function* windowsFrom(edge: Edge, { since, until }: Span): Generator<Span> {
  for (let lengthMs = timeframeMs('1w'); lengthMs < until - since; lengthMs *= WIDER) {
    yield edge === 'newest' ? { since: until - lengthMs, until } : { since, until: since + lengthMs }
  }
  yield { since, until }
}

import {
  ceilToTimeframe,
  floorToTimeframe,
  type Series,
  type Span,
  spansLengthMs,
  wholeIntervals,
} from '@fullon/market'
import { checkSpan } from './check-page.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { findGaps, type Strength } from './sql/find-gaps.js'
import { findNextGaps } from './sql/find-next-gaps.js'

/** What is wanted of one series, candles or trades. */
export interface WantedGap extends Span {
  readonly series: Series
}

export interface NextGapsOptions {
  /** As of `gaps`. Default `covered`. */
  readonly strength?: Strength
}

/**
 * The newest gap of each of many series at once, in their order: the first of what `gaps` of its repository gives.
 * Undefined where there is none. Of candles, only whole intervals are wanted.
 */
export async function nextGaps(
  db: OhlcvDatabase,
  wanted: readonly WantedGap[],
  { strength = 'covered' }: NextGapsOptions = {},
): Promise<(Span | undefined)[]> {
  const all = wanted.map(({ series, since, until }) => {
    checkSpan(`${series.exchange} ${series.symbol} ${series.timeframe ?? 'trades'}`, { since, until })
    return { series, wanted: wholeOf({ since, until }, series) }
  })
  return db.query(async (connection) => {
    const found = await findNextGaps(connection, all, strength)
    const gaps: (Span | undefined)[] = []
    for (const [index, { series, wanted }] of all.entries()) {
      const gap = found.get(index)
      // What cannot be had may begin in the middle of a candle; then the newest gap may hold no whole one.
      const isWhole = !gap || spansLengthMs(wholeGaps([gap], series)) === gap.until - gap.since
      gaps.push(
        isWhole
          ? gap
          : wholeGaps((await findGaps(connection, series, { [strength]: wanted }))[strength], series).at(-1),
      )
    }
    return gaps
  })
}

function wholeGaps(gaps: readonly Span[], { timeframe }: Series): readonly Span[] {
  return timeframe ? wholeIntervals(gaps, timeframe) : gaps
}

/** Empty when there is no whole interval. */
function wholeOf({ since, until }: Span, { timeframe }: Series): Span {
  if (!timeframe) return { since, until }
  const first = ceilToTimeframe(since, timeframe)
  return { since: first, until: Math.max(first, floorToTimeframe(until, timeframe)) }
}

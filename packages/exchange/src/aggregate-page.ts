import {
  type Candle,
  ceilToTimeframe,
  floorToTimeframe,
  type Page,
  resampleCandles,
  type Timeframe,
  wholeIntervals,
} from '@fullon/market'

/** A page of a longer timeframe from one of a shorter: only intervals that the page holds whole. */
export function aggregatePage(page: Page<Candle>, from: Timeframe, to: Timeframe): Page<Candle> {
  const { rows, covered, confirmedUntil, unavailable } = page
  const lost = unavailable && {
    ...unavailable,
    since: floorToTimeframe(unavailable.since, to),
    until: ceilToTimeframe(unavailable.until, to),
  }
  const limit = lost ? { unavailable: lost } : {}
  const [whole] = covered ? wholeIntervals([covered], to) : []
  if (!whole) return { rows: [], ...limit }
  const inside = rows.filter(({ timestamp }) => whole.since <= timestamp && timestamp < whole.until)
  const finalUntil = Math.min(whole.until, floorToTimeframe(confirmedUntil ?? whole.since, to))
  return {
    rows: resampleCandles(inside, from, to),
    covered: whole,
    ...(finalUntil > whole.since ? { confirmedUntil: finalUntil } : {}),
    ...limit,
  }
}

import { buildCandles, type Candle, type Page, type Span, type Trade } from '@fullon/market'
import type { Random } from './random.js'
import { minute } from './rows.js'

/** Trades and candles that every process agrees on: some of each minute, a pure function of the time. */
export function truthTrades({ since, until }: Span): Trade[] {
  const rows: Trade[] = []
  for (let timestamp = Math.ceil(since / 10_000) * 10_000; timestamp < until; timestamp += 10_000) {
    const seed = Math.imul(timestamp / 10_000, 2_654_435_761) >>> 8
    if (seed % 3 === 0) continue
    const price = 100 + (seed % 1_000) / 7
    rows.push({ timestamp, id: `${timestamp}`, side: seed % 2 ? 'buy' : 'sell', price, amount: (1 + (seed % 9)) / 8 })
  }
  return rows
}

export function truthCandles(span: Span): Candle[] {
  return buildCandles(truthTrades(span), '1m')
}

/** Up to 300 minutes around the Monday of `week`, so that two partitions are written. */
export function randomSpan(random: Random, week: number, stepMs: number): Span {
  const first = minute(week * 7 * 24 * 60 - 150)
  const steps = (300 * 60_000) / stepMs
  const since = random.int(steps)
  const until = since + 1 + random.int(steps - since)
  return { since: first + since * stepMs, until: first + until * stepMs }
}

/** The truth of a span, some of it final. */
export function truthPage<Row>(rows: (span: Span) => Row[], covered: Span, random: Random): Page<Row> {
  const share = random.int(3) / 2
  const confirmedUntil = covered.since + Math.floor(((covered.until - covered.since) * share) / 60_000) * 60_000
  return { rows: rows(covered), covered, ...(share > 0 && { confirmedUntil }) }
}

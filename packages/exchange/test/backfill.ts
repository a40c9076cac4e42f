import { type Candle, type Page, type Span, subtractSpans, type Timeframe, type Trade } from '@fullon/market'
import type { ExchangeHandler } from '../src/index.js'

/** What was read of a span, as a collector does it: the newest gap first, until nothing is missing. */
export interface Backfill<Row> {
  readonly rows: readonly Row[]
  readonly pages: readonly Page<Row>[]
  readonly unavailable: readonly Span[]
}

export function backfillCandles(
  handler: ExchangeHandler,
  symbol: string,
  timeframe: Timeframe,
  span: Span,
): Promise<Backfill<Candle>> {
  return backfill(span, (gap) => handler.getOhlcv(symbol, timeframe, gap))
}

export function backfillTrades(handler: ExchangeHandler, symbol: string, span: Span): Promise<Backfill<Trade>> {
  return backfill(span, (gap) => handler.getPublicTrades(symbol, gap))
}

async function backfill<Row extends { readonly timestamp: number }>(
  span: Span,
  read: (gap: Span) => Promise<Page<Row>>,
): Promise<Backfill<Row>> {
  const rows = new Map<Row, number>()
  const pages: Page<Row>[] = []
  const done: Span[] = []
  const unavailable: Span[] = []
  for (let gap = subtractSpans([span], done).at(-1); gap; gap = subtractSpans([span], done).at(-1)) {
    const page = await read(gap)
    pages.push(page)
    for (const row of page.rows) rows.set(row, row.timestamp)
    if (page.covered) done.push(page.covered)
    if (page.unavailable) unavailable.push(page.unavailable)
    done.push(...unavailable)
    const next = subtractSpans([span], done).at(-1)
    if (next?.since === gap.since && next.until === gap.until) throw new Error(`no progress at ${JSON.stringify(gap)}`)
  }
  return { rows: [...rows.keys()].sort((a, b) => a.timestamp - b.timestamp), pages, unavailable }
}

import type { ExchangeHandler } from '@fullon/exchange'
import {
  type Candle,
  clipSpans,
  type EpochMs,
  floorToTimeframe,
  type Page,
  type Span,
  spansLengthMs,
  subtractSpans,
  type Trade,
} from '@fullon/market'
import { CandleRepository, type Difference, type OhlcvDatabase, readAgain, TradeRepository } from '@fullon/ohlcv'
import type { CollectedSymbol } from '@fullon/orm'

/** What of a series is asked for again, and how that is compared and stored. */
export interface Subject<Row> {
  readonly repository: CandleRepository | TradeRepository
  fetch(span: Span): Promise<Page<Row>>
  compare(page: Page<Row>): Promise<Difference<Row>[]>
  save(page: Page<Row>): Promise<unknown>
}

export interface VerifyOptions {
  readonly since: EpochMs
  /** Only what the exchange's answers are final for. */
  readonly until: EpochMs
  /** Stores each page that differs. Default false. */
  readonly repair?: boolean
  /** Told from 0 to 1. */
  readonly onProgress?: (done: number) => void
}

export interface Verified<Row> {
  /** Rows that the exchange published again. */
  readonly rows: number
  /** How much of what is stored was asked for again, milliseconds. */
  readonly askedMs: number
  readonly differences: readonly Difference<Row>[]
  /** Stored, and not to be had from the exchange any more. */
  readonly notAsked: readonly Span[]
  readonly reasons: readonly string[]
}

/** Asks the exchange again for all that is stored as covered, and compares. */
export async function verifySeries<Row extends Candle | Trade>(
  { repository, fetch, compare, save }: Subject<Row>,
  { since, until, repair = false, onProgress }: VerifyOptions,
): Promise<Verified<Row>> {
  const spans = clipSpans((await repository.coverage()).covered, { since, until: Math.max(since, until) })
  const differences: Difference<Row>[] = []
  const reasons = new Set<string>()
  let [rows, notAsked] = [0, spans]
  for await (const { page, left } of readAgain(spans, { fetch })) {
    const found = await compare(page)
    if (repair && found.length > 0) await save(page)
    differences.push(...found)
    rows += page.rows.length
    if (page.unavailable) reasons.add(page.unavailable.reason)
    if (page.covered) notAsked = subtractSpans(notAsked, [page.covered])
    onProgress?.(1 - spansLengthMs(left) / spansLengthMs(spans))
  }
  const askedMs = spansLengthMs(spans) - spansLengthMs(notAsked)
  return { rows, askedMs, differences, notAsked, reasons: [...reasons] }
}

export function candlesOf(ohlcv: OhlcvDatabase, handler: ExchangeHandler, wanted: CollectedSymbol): Subject<Candle> {
  const { exchange, symbol, sandbox, timeframe } = wanted
  const repository = new CandleRepository(ohlcv, exchange, symbol, timeframe, { sandbox })
  return {
    repository,
    fetch: (span) => handler.getOhlcv(symbol, timeframe, span),
    compare: (page) => repository.compareCandles(page),
    save: (page) => repository.saveCandles(page),
  }
}

export function tradesOf(ohlcv: OhlcvDatabase, handler: ExchangeHandler, wanted: CollectedSymbol): Subject<Trade> {
  const { exchange, symbol, sandbox } = wanted
  const repository = new TradeRepository(ohlcv, exchange, symbol, { sandbox })
  return {
    repository,
    fetch: (span) => handler.getPublicTrades(symbol, span),
    compare: (page) => repository.compareTrades(page),
    save: (page) => repository.saveTrades(page),
  }
}

/** Up to when the exchange's answers are final. */
export function finalUntil(handler: ExchangeHandler, { symbol, timeframe }: CollectedSymbol): EpochMs {
  return floorToTimeframe(handler.serverNow() - handler.feedFor(symbol, timeframe).auditDelayMs, timeframe)
}

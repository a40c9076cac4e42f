import { compareTrades, type EpochMs, type Page, type Span, type Trade } from '@fullon/market'
import type { TradeAnchors } from './trade-anchors.js'
import type { TradeAnswer, TradeAsk } from './trade-paging.js'
import { vouch } from './vouch.js'

export interface TradeSource {
  /** For messages, such as `kraken BTC/USD trades`. */
  readonly subject: string
  readonly ask: (ask: TradeAsk) => Promise<TradeAnswer>
  /** The exchange's time. */
  readonly serverNow: () => EpochMs
  readonly settleMs: number
  readonly auditDelayMs: number
  /** Rows of a full page. */
  readonly limit: number
  /** Known trades of this symbol, kept from page to page. */
  readonly anchors: TradeAnchors
}

/** The page over `span` that these answers make, as of the exchange's `serverTime`. */
export function vouchTrades(
  { subject, settleMs, auditDelayMs }: TradeSource,
  answers: readonly TradeAnswer[],
  { since, until }: Span,
  serverTime: EpochMs,
): Page<Trade> {
  const distinct = new Map(answers.flatMap(({ trades }) => trades).map((trade) => [trade.id, trade]))
  return vouch({
    subject,
    rows: [...distinct.values()].sort(compareTrades),
    span: { since, until: Math.min(until, serverTime - settleMs) },
    finalBefore: serverTime - auditDelayMs,
    refused: answers.flatMap(({ refused }) => refused).map((timestamp) => ({ since: timestamp, until: timestamp + 1 })),
  })
}

export function rowCount({ trades, refused }: TradeAnswer): number {
  return trades.length + refused.length
}

/** Infinity of an empty answer. */
export function firstTime({ trades, refused }: TradeAnswer): EpochMs {
  return Math.min(trades[0]?.timestamp ?? Number.POSITIVE_INFINITY, ...refused)
}

/** -Infinity of an empty answer. */
export function lastTime({ trades, refused }: TradeAnswer): EpochMs {
  return Math.max(trades.at(-1)?.timestamp ?? Number.NEGATIVE_INFINITY, ...refused)
}

export function unlessEmpty(answer: TradeAnswer): TradeAnswer | undefined {
  return rowCount(answer) > 0 ? answer : undefined
}

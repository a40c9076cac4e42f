import { type EpochMs, normalizeSpans, type Span } from '@fullon/market'
import type { FaultSchedule } from './fault-schedule.js'
import { Lateness } from './lateness.js'
import type { Market, MarketTrade } from './market.js'
import { MarketView } from './market-view.js'
import { FOREVER, SilencedMarket } from './silenced-market.js'
import type { HistoryLimit, View } from './view.js'

/** What an exchange publishes of a market, and when. */
export interface History {
  readonly symbols: readonly string[]
  /** Digits after the point of this symbol's prices. */
  priceDecimals(symbol: string): number
  /** What was published before `until`. */
  at(until: EpochMs, limit?: HistoryLimit): View
  /** The trades that were published in `span`, in the order in which they were. */
  published(symbol: string, span: Span): readonly MarketTrade[]
}

export function createHistory(whole: Market, schedule: FaultSchedule): History {
  const market = new SilencedMarket(whole, (symbol) => listSilences(schedule, symbol))
  const lateness = new Lateness(market, schedule)
  const delistedAt = (symbol: string): EpochMs => listDelistings(schedule, symbol)[0]?.since ?? Number.POSITIVE_INFINITY
  return {
    symbols: market.symbols,
    priceDecimals: (symbol) => market.priceDecimals(symbol),
    at: (until, limit = {}) => new MarketView({ market, lateness, until, limit, delistedAt }),
    published: (symbol, span) => lateness.published(symbol, span),
  }
}

function listSilences(schedule: FaultSchedule, symbol: string): readonly Span[] {
  const quiet = schedule.all('quiet').filter(({ fault }) => fault.symbol === undefined || fault.symbol === symbol)
  const delistings = listDelistings(schedule, symbol)
  return quiet.length + delistings.length === 0 ? [] : normalizeSpans([...quiet, ...delistings])
}

function listDelistings(schedule: FaultSchedule, symbol: string): readonly Span[] {
  return schedule
    .all('delist')
    .filter(({ fault }) => fault.symbol === symbol)
    .map(({ since }) => ({ since, until: FOREVER }))
}

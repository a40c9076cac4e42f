import { ceilToTimeframe, type EpochMs, type Span } from '@fullon/market'
import type { FaultSchedule, Scheduled } from './fault-schedule.js'
import type { Market, MarketTrade } from './market.js'
import { createRandom } from './random.js'

const MINUTE_MS = 60_000

/** When trades are published, where that is not when they were made. */
export class Lateness {
  readonly #market: Market
  readonly #schedule: FaultSchedule

  constructor(market: Market, schedule: FaultSchedule) {
    this.#market = market
    this.#schedule = schedule
  }

  /** The trades that were made before `until` and not published by then. */
  heldBackTrades(symbol: string, until: EpochMs): readonly MarketTrade[] {
    return this.#lateIn(symbol, { since: until, until }).flatMap(({ fault, ...span }) => {
      const recent = { since: Math.max(span.since, until - fault.latenessMs), until: Math.min(span.until, until) }
      return this.#market.trades(symbol, recent).filter((trade) => this.#publishedAt(symbol, trade) >= until)
    })
  }

  /** Their ids. */
  heldBack(symbol: string, until: EpochMs): ReadonlySet<string> {
    return new Set(this.heldBackTrades(symbol, until).map(({ id }) => id))
  }

  /** The trades that were published in `span`, in the order in which they were. */
  published(symbol: string, span: Span): readonly MarketTrade[] {
    const late = this.#lateIn(symbol, span)
    if (late.length === 0) return this.#market.trades(symbol, span)
    const oldest = span.since - Math.max(...late.map(({ fault }) => fault.latenessMs))
    return this.#market
      .trades(symbol, { since: oldest, until: span.until })
      .map((trade) => ({ trade, at: this.#publishedAt(symbol, trade) }))
      .filter(({ at }) => at >= span.since && at < span.until)
      .toSorted((a, b) => a.at - b.at)
      .map(({ trade }) => trade)
  }

  /** The trades that candles are published without at `until`, though the trades themselves are. */
  uncounted(symbol: string, until: EpochMs): readonly MarketTrade[] {
    return this.#schedule.all('correction').flatMap(({ fault, since }) => {
      if (fault.symbol !== undefined && fault.symbol !== symbol) return []
      const minute = ceilToTimeframe(since, '1m')
      const correctedAt = minute + MINUTE_MS + fault.delayMs
      if (minute >= until || correctedAt < until) return []
      return this.#market.trades(symbol, { since: minute, until: minute + MINUTE_MS }).slice(-1)
    })
  }

  /** The times of lateness whose trades can have been published in `span`. */
  #lateIn(symbol: string, span: Span): readonly Scheduled<'late-trades'>[] {
    return this.#schedule.all('late-trades').filter(({ fault, since, until }) => {
      const isHere = fault.symbol === undefined || fault.symbol === symbol
      return isHere && since < span.until && until + fault.latenessMs >= span.since
    })
  }

  #publishedAt(symbol: string, { id, timestamp }: MarketTrade): EpochMs {
    const late = this.#schedule.all('late-trades').find(({ fault, since, until }) => {
      const isHere = fault.symbol === undefined || fault.symbol === symbol
      return isHere && since <= timestamp && timestamp < until
    })
    if (!late) return timestamp
    // Drawn from the trade itself: the same whenever and however often it is asked.
    const random = createRandom(`late ${symbol} ${id} ${late.since}`)
    return random() < (late.fault.share ?? 1) ? timestamp + Math.floor(random() * late.fault.latenessMs) : timestamp
  }
}

import type { EpochMs, Span } from '@fullon/market'
import type { Market } from './market.js'
import type { TradeTape } from './trade-tape.js'

/** One symbol of a market: its tape, and how to make more of it. */
export interface Listing {
  readonly tape: TradeTape
  /** Puts everything that is traded before `until` on the tape. */
  extend(until: EpochMs): void
}

/** A market over tapes, whatever fills them. */
export function createTapeMarket(listings: ReadonlyMap<string, Listing>): Market {
  function find(symbol: string): Listing {
    const listing = listings.get(symbol)
    if (listing) return listing
    throw new RangeError(`market: expected one of ${[...listings.keys()].join(' ')}, got ${JSON.stringify(symbol)}`)
  }

  function countBefore(symbol: string, timestampUs: number): number {
    if (!Number.isFinite(timestampUs)) throw new RangeError(`market: expected a finite time, got ${timestampUs}`)
    const { tape, extend } = find(symbol)
    extend(Math.ceil(timestampUs / 1000))
    return tape.countBefore(timestampUs)
  }

  /** A span that ends before it starts is empty, and asks for nothing to be made. */
  function positions(symbol: string, { since, until }: Span): [first: number, end: number] {
    const end = countBefore(symbol, until * 1000)
    return [Math.min(end, countBefore(symbol, Math.min(since, until) * 1000)), end]
  }

  return {
    symbols: [...listings.keys()],
    priceDecimals: (symbol) => find(symbol).tape.priceDecimals,
    countBefore,
    tradesAt: (symbol, first, end) => find(symbol).tape.trades(first, end),
    trades(symbol, span) {
      return find(symbol).tape.trades(...positions(symbol, span))
    },
    candles(symbol, timeframe, span) {
      return find(symbol).tape.candles(...positions(symbol, span), timeframe)
    },
  }
}

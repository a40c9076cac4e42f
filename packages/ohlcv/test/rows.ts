import type { Candle, EpochMs, Span, Trade } from '@fullon/market'

/** A Monday, so that minutes before it are in another partition. */
export const MONDAY = Date.UTC(2024, 0, 8)

export function minute(index: number): EpochMs {
  return MONDAY + index * 60_000
}

/** From minute `since` to minute `until`; either may be a fraction. */
export function minutes(since: number, until: number): Span {
  return { since: minute(since), until: minute(until) }
}

export function candle(index: number, close = 100): Candle {
  return {
    timestamp: minute(index),
    open: 100,
    high: Math.max(100, close),
    low: Math.min(100, close),
    close,
    volume: 1,
  }
}

export function candles(since: number, until: number, close = 100): Candle[] {
  return Array.from({ length: until - since }, (_, index) => candle(since + index, close))
}

/** At minute `at`, which may be a fraction. */
export function trade(at: number, price = 100, id = `${Math.round(at * 1000)}`): Trade {
  return { timestamp: minute(at), id, side: 'buy', price, amount: 0.5 }
}

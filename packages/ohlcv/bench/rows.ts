import type { Candle, EpochMs, Trade } from '@fullon/market'

/** A Monday. */
export const START: EpochMs = Date.UTC(2024, 0, 1)
export const MINUTE_MS = 60_000

export function minute(index: number): EpochMs {
  return START + index * MINUTE_MS
}

/** Prices and volumes with as many digits as exchanges give. */
export function candlesOf(first: number, count: number): Candle[] {
  return Array.from({ length: count }, (_, index) => {
    const open = 42_000 + noise(first + index, 1_000, 2)
    const close = 42_000 + noise(first + index + 1, 1_000, 2)
    return {
      timestamp: minute(first + index),
      open,
      high: Math.max(open, close) + 5.25,
      low: Math.min(open, close) - 3.5,
      close,
      volume: 1e-4 + noise(first + index, 20, 8),
    }
  })
}

/** Ten a second, with ids as long as the big exchanges'. */
export function tradesOf(first: number, count: number): Trade[] {
  return Array.from({ length: count }, (_, index) => ({
    timestamp: START + (first + index) * 100,
    id: String(3_300_000_000 + first + index),
    side: noise(first + index, 2, 0) > 0.5 ? 'buy' : 'sell',
    price: 42_000 + noise(first + index, 1_000, 2),
    amount: 1e-4 + noise(first + index + 7, 2, 8),
  }))
}

/** One for all runs. */
function noise(seed: number, scale: number, digits: number): number {
  const fraction = (Math.sin(seed * 12.9898) * 43_758.5453) % 1
  return Number((Math.abs(fraction) * scale).toFixed(digits))
}

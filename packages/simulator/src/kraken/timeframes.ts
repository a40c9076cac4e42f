import type { Timeframe } from '@fullon/market'

/** Kraken's candle intervals, in minutes. Its 21600 (15 days) has no name here and is refused. */
const TIMEFRAMES = new Map<unknown, Timeframe>([
  [1, '1m'],
  [5, '5m'],
  [15, '15m'],
  [30, '30m'],
  [60, '1h'],
  [240, '4h'],
  [1440, '1d'],
  [10080, '1w'],
])

export function toTimeframe(intervalMinutes: unknown): Timeframe | undefined {
  return TIMEFRAMES.get(intervalMinutes)
}

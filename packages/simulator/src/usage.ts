import type { EpochMs } from '@fullon/market'

/** One REST request that was received. */
export interface RequestRecord {
  /** The exchange's time. */
  readonly at: EpochMs
  /** ccxt id; empty for a path that is nobody's. */
  readonly exchange: string
  /** The path, a product in it as `{id}`: `/products/{id}/candles`. */
  readonly endpoint: string
  readonly weight: number
  /** What it was answered with; 0 when it was not. */
  readonly status: number
}

/** What was asked of one endpoint in one window. */
export interface EndpointUsage {
  /** The window is `[since, since + windowMs)`. */
  readonly since: EpochMs
  readonly exchange: string
  readonly endpoint: string
  readonly requests: number
  readonly weight: number
  /** Answered with a status of 400 or more, or not at all. */
  readonly failed: number
}

/** Requests by window of the exchange's time, exchange and endpoint; ascending by window. */
export function sumUsage(records: readonly RequestRecord[], windowMs: number): EndpointUsage[] {
  const sums = new Map<string, { -readonly [Key in keyof EndpointUsage]: EndpointUsage[Key] }>()
  for (const { at, exchange, endpoint, weight, status } of records) {
    const since = Math.floor(at / windowMs) * windowMs
    const key = `${since} ${exchange} ${endpoint}`
    const sum = sums.get(key) ?? { since, exchange, endpoint, requests: 0, weight: 0, failed: 0 }
    sums.set(key, sum)
    sum.requests++
    sum.weight += weight
    if (status === 0 || status >= 400) sum.failed++
  }
  return [...sums.values()].toSorted((a, b) => a.since - b.since)
}

/** The greatest weight in any time of `windowMs`, wherever it begins. */
export function peakWeight(records: readonly RequestRecord[], windowMs: number): number {
  let peak = 0
  let sum = 0
  let first = 0
  for (const { at, weight } of records) {
    sum += weight
    for (let oldest = records[first]; oldest && oldest.at <= at - windowMs; oldest = records[++first])
      sum -= oldest.weight
    peak = Math.max(peak, sum)
  }
  return peak
}

import { ExchangeError } from '../errors.js'
import type { RestQuirks } from '../rest-quirks.js'

export const KRAKEN: Partial<RestQuirks> = {
  // docs.kraken.com/api/docs/rest-api/get-ohlc-data: "up to 720 of the most recent entries (older data cannot be retrieved)".
  candlesNewestOnly: true,
  candleLimit: 720,
  // Its weeks are seven days counted from 1970-01-01, a Thursday; ours start on Monday.
  misalignedTimeframes: ['1w'],
  // docs.kraken.com/api/docs/rest-api/get-recent-trades: `since` and `last` are nanoseconds, `count` is at most 1000.
  trades: {
    direction: 'forward',
    limit: 1000,
    // Exclusive: one nanosecond before the millisecond includes all of it.
    first: (since) => ({ params: { since: (BigInt(since) * 1_000_000n - 1n).toString() } }),
    next: ({ json }) => ({ params: { since: lastOf(json) } }),
  },
  // support.kraken.com/articles/206548367: public endpoints take about one request a second and address, OHLC and Trades
  // one a second, address and pair; ccxt weighs those two 1.2. The two lists and the first page of a start go at once.
  budget: { weight: 60, windowMs: 60_000, burst: 4 },
  // ccxt computes trunc(seconds * 1000), which for some doubles is a millisecond less than the stream's time.
  tradeTimestamp: ({ info }) => {
    const seconds = Number((info as unknown[])[2]) // cast: wire, [price, volume, seconds, …]
    return Math.floor(Math.round(seconds * 1e6) / 1e3)
  },
}

/** The answer carries its own cursor: `{ result: { last: '<ns>' } }`. */
function lastOf(json: unknown): string {
  const last = (json as { result?: { last?: unknown } } | undefined)?.result?.last // cast: wire
  if (typeof last === 'string' || typeof last === 'number') return String(last)
  throw new ExchangeError(
    'BAD_RESPONSE',
    `kraken trades: expected a cursor in result.last, got ${JSON.stringify(last)}`,
  )
}

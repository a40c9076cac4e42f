import type { RestQuirks } from '../rest-quirks.js'

/** www.bitmex.com/api/explorer, Trade. */
export const BITMEX: Partial<RestQuirks> = {
  // Trade/bucketed: "count: number of results to fetch. Must be a positive integer", at most 1000; ccxt's features say 10000.
  candleLimit: 1000,
  // Trade: startTime and endTime are inclusive, count is at most 1000, oldest first. There is no cursor.
  trades: {
    direction: 'forward',
    limit: 1000,
    windowMs: Number.POSITIVE_INFINITY, // as far as endTime says
    first: (since, until) => ({ since, params: { until: until - 1 } }),
  },
  // www.bitmex.com/app/restAPI#Limits: 30 requests a minute without a key; ccxt weighs each 20 of 600.
  budget: { weight: 600, windowMs: 60_000, burst: 20 },
}

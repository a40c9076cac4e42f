import type { RestQuirks } from '../rest-quirks.js'

/** docs.cdp.coinbase.com/exchange/rest-api. */
export const COINBASE_EXCHANGE: Partial<RestQuirks> = {
  // Get product candles: "The maximum number of data points for a single request is 300 candles"; ccxt sends the window.
  candleLimit: 300,
  // Get product trades: newest first, limit at most 1000; Pagination: `after` is a trade id, exclusive, towards the past.
  trades: {
    direction: 'backward',
    limit: 1000,
    newest: {},
    before: (id) => ({ params: { after: id } }),
  },
  // …/rate-limits: public endpoints take 10 requests a second and address, up to 15 in bursts: 10 + 5.
  budget: { weight: 600, windowMs: 60_000, burst: 5 },
}

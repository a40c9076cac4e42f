import type { RestQuirks } from '../rest-quirks.js'

const HOUR_MS = 3_600_000

/** Spot, USD-M and COIN-M; developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints. */
export const BINANCE: Partial<RestQuirks> = {
  // klines: "limit: default 500, max 1000" on spot; ccxt's 500 for the futures is below what they take (1500).
  candleLimit: 'features',
  // aggTrades: "limit: max 1000"; startTime and endTime may be at most an hour apart, fromId is inclusive.
  trades: {
    direction: 'forward',
    limit: 1000,
    windowMs: HOUR_MS,
    // endTime is inclusive.
    first: (since, until) => ({ since, params: { until: Math.min(until, since + HOUR_MS) - 1 } }),
    from: (id) => ({ params: { fromId: id } }),
    next: ({ trades }) => ({ params: { fromId: (BigInt(trades.at(-1)?.id ?? 0) + 1n).toString() } }),
  },
  // exchangeInfo, REQUEST_WEIGHT: 6000 a minute and address; ccxt's costs are a fifth of the weights.
  budget: { weight: 1200, windowMs: 60_000, burst: 20 },
  // Spot aggTrades weighs 4 by now, for ccxt 2 (0.4); the futures' 20 stays.
  costOf: (cost, path) => (path === 'aggTrades' && cost < 1 ? 0.8 : cost),
}

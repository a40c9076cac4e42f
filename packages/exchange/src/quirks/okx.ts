import type { RestQuirks } from '../rest-quirks.js'

const HISTORY = { method: 'publicGetMarketHistoryTrades', type: '1' }

/** www.okx.com/docs-v5/en, Market Data. */
export const OKX: Partial<RestQuirks> = {
  // GET /market/candles and /market/history-candles: "limit: the maximum is 300"; ccxt sends the window, exclusive at both ends.
  candleLimit: 300,
  // GET /market/history-trades: "the last 3 months", limit at most 100, `type` 1 pages by trade id, `after` is exclusive.
  trades: {
    direction: 'backward',
    limit: 100,
    newest: { params: HISTORY },
    before: (id) => ({ params: { ...HISTORY, after: id } }),
    keptMs: 89 * 86_400_000, // three months of which the shortest has 89 days, February of a common year in the middle
  },
}

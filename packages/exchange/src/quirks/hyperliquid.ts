import type { RestQuirks } from '../rest-quirks.js'

/** hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint. */
export const HYPERLIQUID: Partial<RestQuirks> = {
  // "Only the most recent 5000 candles are available"; "responses that take a time range will only return 500 elements".
  candlesKept: 5000,
  candleLimit: 500,
  candlesNeedUntil: true,
  // ccxt's fetchTrades asks for `userFills`: one account's own, not the market's.
  trades: { direction: 'none' },
  // …/api/rate-limits-and-user-limits: weight 1200 a minute and address; a candleSnapshot weighs 20, and 1 more for each
  // 60 candles in the answer: at most ceil(500 / 60) = 9. ccxt says 4.
  budget: { weight: 1200, windowMs: 60_000, burst: 60 },
  costOf: (cost, _path, { type }) => (type === 'candleSnapshot' ? 29 : cost),
}

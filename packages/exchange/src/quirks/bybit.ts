import type { RestQuirks } from '../rest-quirks.js'

/** bybit-exchange.github.io/docs/v5/market. */
export const BYBIT: Partial<RestQuirks> = {
  // kline: "limit: [1, 1000]"; newest first, so that a start without an end is answered from the wrong side.
  candleLimit: 1000,
  candlesNeedUntil: true,
  // recent-trade: "limit: spot [1, 60], others [1, 1000]"; nothing older is served.
  trades: { direction: 'newest', limit: 60, contractLimit: 1000 },
}

import type { Timeframe } from '@fullon/market'
import type { Budget } from './budget.js'
import type { CcxtTrade } from './load-ccxt.js'
import { BINANCE } from './quirks/binance.js'
import { BITMEX } from './quirks/bitmex.js'
import { BYBIT } from './quirks/bybit.js'
import { COINBASE_EXCHANGE } from './quirks/coinbaseexchange.js'
import { HYPERLIQUID } from './quirks/hyperliquid.js'
import { KRAKEN } from './quirks/kraken.js'
import { OKX } from './quirks/okx.js'
import type { TradePaging } from './trade-paging.js'

/** What ccxt does not declare about an exchange's REST answers; each entry stands beside its evidence. */
export interface RestQuirks {
  /** Only the newest `candleLimit` candles exist; an older `since` is silently ignored. */
  readonly candlesNewestOnly?: boolean
  /** Rows of a full page of candles; `features` where ccxt's are right. Without it they are used and every page is doubted. */
  readonly candleLimit?: number | 'features'
  /** `since` is obeyed, but no more than this many newest candles are kept. */
  readonly candlesKept?: number
  /** Candles are asked for with an end as well: without one the exchange answers from the newest backwards. */
  readonly candlesNeedUntil?: boolean
  /** Timeframes that ccxt lists and that open at other times than ours; they are aggregated instead. */
  readonly misalignedTimeframes?: readonly Timeframe[]
  /** How public trades are paged. Default: the newest page only, and nothing is known of what is older. */
  readonly trades?: TradePaging
  /** A trade's exact time, where ccxt's differs from the stream's. */
  readonly tradeTimestamp?: (trade: CcxtTrade) => number | undefined
  /** What one address may ask. Default: what ccxt's `rateLimit` stands for. */
  readonly budget?: Budget
  /** What a request weighs, where ccxt says something else. */
  readonly costOf?: (ccxtCost: number, path: string, params: Readonly<Record<string, unknown>>) => number
  /** After this long the exchange no longer changes what it has published. */
  readonly settleMs: number
  /** After this long an answer counts as final; more than `settleMs`. */
  readonly auditDelayMs: number
}

// More than the REST lag, the lateness of trades and the error of the clocks together (65 s held in the model).
const DEFAULTS: RestQuirks = { settleMs: 65_000, auditDelayMs: 150_000 }

const QUIRKS: Readonly<Record<string, Partial<RestQuirks>>> = {
  binance: BINANCE,
  binancecoinm: BINANCE,
  binanceus: BINANCE,
  binanceusdm: BINANCE,
  bitmex: BITMEX,
  bybit: BYBIT,
  coinbaseexchange: COINBASE_EXCHANGE,
  hyperliquid: HYPERLIQUID,
  kraken: KRAKEN,
  okx: OKX,
}

// Of ccxt's `rateLimit` (milliseconds between requests of cost 1): half a second's worth may have been saved up.
const BURST_MS = 500
const WINDOW_MS = 60_000

export function restQuirksOf(exchange: string): RestQuirks {
  return { ...DEFAULTS, ...QUIRKS[exchange] }
}

export function budgetOfRate(rateLimitMs: number): Budget {
  return { weight: WINDOW_MS / rateLimitMs, windowMs: WINDOW_MS, burst: Math.max(1, BURST_MS / rateLimitMs) }
}

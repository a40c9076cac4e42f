import type { EpochMs, Timeframe } from '@fullon/market'
import {
  createFaultPlan,
  DEFAULT_FAULT_RATES,
  type Fault,
  type MarketSymbol,
  type ProtocolName,
} from '@fullon/simulator'
import { type ChaosFault, faultSchedule } from './fault-schedule.js'
import { mulberry32, pick } from './random.js'

/** A symbol that may be collected. */
export interface ChaosSymbol extends MarketSymbol {
  readonly timeframe: Timeframe
  /** It is configured from the start; otherwise it is added later. */
  readonly isFirst: boolean
}

export interface ChaosExchange {
  readonly exchange: ProtocolName
  readonly trades: 'on' | 'auto' | 'off'
  /** How far its clock is ahead. */
  readonly skewMs: number
  readonly enforceLimits: boolean
  readonly faultPlan: readonly Fault[]
  readonly symbols: readonly ChaosSymbol[]
}

/** A symbol of an exchange. */
export interface Pair {
  readonly exchange: ChaosExchange
  readonly symbol: ChaosSymbol
}

/** Everything that a seed decides. */
export interface Scenario {
  readonly seed: number
  /** Where the markets begin. */
  readonly marketSince: EpochMs
  /** Where the simulated clock starts. */
  readonly start: EpochMs
  readonly exchanges: readonly ChaosExchange[]
  /** Of all exchanges. */
  readonly pairs: readonly Pair[]
  /** Processes that run at once. */
  readonly replicas: number
  /** How they divide the series; without it each collects them all. */
  readonly shards?: { readonly count: number } | undefined
  readonly faults: readonly ChaosFault[]
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MARKET_SINCE = Date.UTC(2026, 0, 5)

const BTC = { symbol: 'BTC/USD', price: 64_000, amount: 0.02, tradesPerMinute: 6 }
const ETH = { symbol: 'ETH/USD', price: 3_100, amount: 0.4, tradesPerMinute: 5 }
/** Often without a trade for minutes. */
const ADA = { symbol: 'ADA/USD', price: 0.45, priceDecimals: 4, amount: 700, tradesPerMinute: 4, quiet: 0.4 }

const SYMBOLS: Readonly<Record<ProtocolName, readonly ChaosSymbol[]>> = {
  kraken: [
    { ...BTC, timeframe: '1m', isFirst: true },
    { ...ADA, timeframe: '1m', isFirst: true },
  ],
  binance: [
    { ...ETH, timeframe: '5m', isFirst: true },
    { ...ADA, timeframe: '1m', isFirst: false },
  ],
  coinbaseexchange: [
    { ...ADA, timeframe: '1m', isFirst: true },
    { ...BTC, timeframe: '1m', isFirst: false },
  ],
}

/** Alone; two that divide the series; one that stands by; and two that know nothing of each other, which must do no harm. */
const DEPLOYMENTS = [
  { replicas: 1 },
  { replicas: 2, shards: { count: 4 } },
  { replicas: 2, shards: { count: 1 } },
  { replicas: 2 },
] as const

/** The exchange closes it in the middle of the run. */
const DELISTED = {
  symbol: 'SOL/USD',
  price: 145,
  amount: 6,
  tradesPerMinute: 5,
  timeframe: '1m',
  isFirst: true,
} as const

/** The same seed and length give the same scenario for ever. */
export function createScenario(seed: number, hours: number): Scenario {
  const random = mulberry32(seed ^ 0x5eed)
  const lengthMs = hours * HOUR_MS
  const exchanges = Object.entries(SYMBOLS).map(([name, symbols], index) => {
    const exchange = name as ProtocolName // cast: the keys of SYMBOLS
    const delisted = index === Math.floor(random() * 6) ? [DELISTED] : []
    const trades = exchange === 'kraken' && seed % 2 === 0 ? 'on' : pick(['on', 'auto', 'on', 'off'], random())
    return {
      exchange,
      trades,
      skewMs: Math.round((random() - 0.5) * 20_000),
      enforceLimits: random() < 0.5,
      faultPlan: planFor({ seed: seed * 10 + index, lengthMs, exchange, trades, delisted }),
      symbols: [...symbols, ...delisted],
    }
  })
  return {
    seed,
    marketSince: MARKET_SINCE,
    start: MARKET_SINCE + 2 * DAY_MS,
    exchanges,
    pairs: exchanges.flatMap((exchange) => exchange.symbols.map((symbol) => ({ exchange, symbol }))),
    ...pick(DEPLOYMENTS, random()),
    faults: faultSchedule(seed, lengthMs),
  }
}

interface PlanOptions {
  readonly seed: number
  readonly lengthMs: number
  readonly exchange: ProtocolName
  readonly trades: ChaosExchange['trades']
  readonly delisted: readonly ChaosSymbol[]
}

/**
 * Every fault an exchange can have. A history that is shorter than the exchange says cannot be told from one in which
 * nothing happened; only kraken's can, whose pages of candles are the newest whatever is asked for, and then older
 * candles come from trades.
 */
function planFor({ seed, lengthMs, exchange, trades, delisted }: PlanOptions): readonly Fault[] {
  const once = HOUR_MS / lengthMs // as the number of times in an hour
  const limit = exchange === 'kraken' && trades !== 'off' ? { 'history-limit': once / 2 } : {}
  const rates = { ...DEFAULT_FAULT_RATES, ...limit, delist: once }
  return createFaultPlan({ seed, durationMs: lengthMs, rates, symbols: delisted.map(({ symbol }) => symbol) })
}

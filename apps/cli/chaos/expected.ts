import type { EpochMs, Timeframe } from '@fullon/market'
import type { Simulator } from '@fullon/simulator'
import type { Configured } from './configured.js'
import type { Scenario } from './scenario.js'

/** A series that must be complete in `[since, until)`, by the exchange's time. */
export interface ExpectedSeries {
  readonly exchange: string
  readonly symbol: string
  /** Null: trades. */
  readonly timeframe: Timeframe | null
  readonly since: EpochMs
  readonly until: EpochMs
  /** Before this the exchange may have refused to serve it: the only part that may be unavailable. */
  readonly servedSince: EpochMs
}

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** kraken's newest candles, and two for the ways of a clock: docs.kraken.com/api/docs/rest-api/get-ohlc-data */
const KRAKEN_REACH_MS = 718 * MINUTE_MS

/** What the configuration promises at `now`: all candles, and the trades where they are kept. */
export function expectedSeries(
  { pairs }: Scenario,
  { wanted }: Configured,
  { now, until }: { now: EpochMs; until: EpochMs },
): ExpectedSeries[] {
  return pairs.flatMap((pair) => {
    const { exchange, trades } = pair.exchange
    const { symbol } = pair
    const days = wanted.get(pair) ?? 0
    const since = Math.min(now - days * DAY_MS + MINUTE_MS, until) // a minute for the ways of clocks
    const isDelisted = pair.exchange.faultPlan.some(
      (fault) => fault.kind === 'delist' && fault.symbol === symbol.symbol,
    )
    const tradesSince = isDelisted ? now + DAY_MS : 0 // what was not asked for by then may be refused for ever
    const reach = exchange === 'kraken' && trades === 'off' ? now - KRAKEN_REACH_MS : 0
    const candles = { exchange, symbol: symbol.symbol, timeframe: symbol.timeframe, since, until }
    const both = [{ ...candles, servedSince: Math.max(reach, tradesSince) }]
    return trades === 'on' ? [...both, { ...candles, timeframe: null, servedSince: tradesSince }] : both
  })
}

/** All that an exchange has published of each of its symbols. */
export function publishedBy({ marketSince, pairs }: Scenario, simulators: ReadonlyMap<string, Simulator>) {
  const all = { since: marketSince, until: Number.MAX_SAFE_INTEGER }
  return pairs.flatMap(({ exchange: { exchange }, symbol: { symbol, timeframe } }) => {
    const truth = simulators.get(exchange)?.truth
    if (!truth) return []
    const candles = truth.candles(symbol, timeframe, all)
    return [{ exchange, symbol, timeframe, candles, trades: truth.trades(symbol, all) }]
  })
}

export type Published = ReturnType<typeof publishedBy>[number]

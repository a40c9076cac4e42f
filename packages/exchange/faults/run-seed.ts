import { setMaxListeners } from 'node:events'
import { type Candle, type EpochMs, normalizeSpans, spansLengthMs, type Trade } from '@fullon/market'
import {
  createFaultPlan,
  createSeededMarket,
  type Fault,
  type ProtocolName,
  type Simulator,
  startSimulator,
} from '@fullon/simulator'
import { ExchangeQueue } from '../src/index.js'
import { checkCandlePages, checkStreamedCandles, checkStreamedTrades, checkTradePages } from './check.js'
import { type Collecting, type Delivered, keepFollowing, keepReading, settledPages } from './collect.js'
import { createPacedClock } from './paced-clock.js'

const START = Date.UTC(2026, 0, 8)
const MINUTE_MS = 60_000
const DURATION_MS = 30 * MINUTE_MS
/** Without faults at the end: what was refused until then can still be read. */
const CALM_MS = 4 * MINUTE_MS
/** Read back by REST: more than ten full pages of trades. */
const BACKFILL_MS = 3 * 3_600_000
const SPEED = 120
const PROTOCOLS: readonly ProtocolName[] = ['kraken', 'binance', 'coinbaseexchange']
const SYMBOLS = [
  { symbol: 'BTC/USDT', price: 64_000, amount: 0.02, tradesPerMinute: 30 },
  { symbol: 'ADA/USDT', price: 0.45, priceDecimals: 4, amount: 700, tradesPerMinute: 20, quiet: 0.2 },
]

export interface SeedReport {
  readonly seed: number
  /** Nothing when all was right. */
  readonly problems: readonly string[]
  /** How many there were, by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** Records inside vouched spans that were compared. */
  readonly streamed: number
  readonly paged: number
  /** How much of the time was vouched for: a client that vouches for nothing is never wrong. */
  readonly streamedShare: number
  readonly pagedShare: number
}

/** Of a seed that did not come to its end. */
export function failedReport(seed: number, problems: readonly string[]): SeedReport {
  return { seed, problems, faults: {}, streamed: 0, paged: 0, streamedShare: 0, pagedShare: 0 }
}

/** Half an hour of three exchanges under the faults of `seed`: everything that is vouched for is compared with the truth. */
export async function runSeed(seed: number): Promise<SeedReport> {
  using clock = createPacedClock({ start: START, speed: SPEED })
  const market = createSeededMarket({ seed, since: START - 86_400_000, symbols: SYMBOLS })
  const plan = createFaultPlan({ seed, durationMs: DURATION_MS - CALM_MS })
  const skewMs = ((seed * 7919) % 20_001) - 10_000
  await using simulator = await startSimulator({ market, clock, protocols: PROTOCOLS, faultPlan: plan, skewMs })
  await using queue = new ExchangeQueue({ ccxtOptions: impatient(simulator.ccxtOptions), clock })
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const context: Collecting = { clock, serverNow: () => clock.now() + skewMs, signal: stop.signal }
  const collected = await collect(queue, context)
  await clock.sleep(DURATION_MS)
  stop.abort()
  await collected.ended
  const { truth } = simulator
  const problems = [
    ...collected.trades.flatMap((delivered) => checkStreamedTrades(truth, delivered)),
    ...collected.candles.flatMap((delivered) =>
      checkStreamedCandles(truth, delivered, (span) => isStalled(plan, START + skewMs, span)),
    ),
    ...collected.tradePages.flatMap((delivered) => checkTradePages(truth, delivered)),
    ...collected.candlePages.flatMap((delivered) => checkCandlePages(truth, delivered)),
  ]
  return {
    seed,
    problems,
    faults: countKinds(plan),
    streamed: rowsOf([...collected.trades, ...collected.candles]),
    paged: rowsOf([...collected.tradePages, ...collected.candlePages]),
    streamedShare: meanShare([...collected.trades, ...collected.candles], DURATION_MS),
    pagedShare: meanShare([...collected.tradePages, ...collected.candlePages], BACKFILL_MS + DURATION_MS),
  }
}

async function collect(queue: ExchangeQueue, context: Collecting) {
  const trades: Delivered<Trade>[] = []
  const candles: Delivered<Candle>[] = []
  const tradePages: Delivered<Trade>[] = []
  const candlePages: Delivered<Candle>[] = []
  const running: Promise<void>[] = []
  const since = context.serverNow() - BACKFILL_MS
  for (const exchange of PROTOCOLS) {
    const handler = await queue.getHandler(exchange)
    for (const { symbol } of SYMBOLS) {
      const series = { exchange, symbol, pages: [] }
      const { signal } = context
      const follow = <Row>(into: Delivered<Row>[], watch: Parameters<typeof keepFollowing<Row>>[1]) => {
        const delivered: Delivered<Row> = { ...series, pages: [] }
        into.push(delivered)
        running.push(keepFollowing(delivered, watch, context))
      }
      const read = <Row>(into: Delivered<Row>[], ask: Parameters<typeof keepReading<Row>>[1]) => {
        const delivered: Delivered<Row> = { ...series, pages: [] }
        into.push(delivered)
        running.push(keepReading(delivered, ask, since, context))
      }
      follow(trades, () => handler.watchTrades(symbol, { signal }))
      if (handler.feedFor(symbol, '1m').live === 'candles') follow(candles, () => settledPages(handler, symbol, signal))
      read(tradePages, (gap) => handler.getPublicTrades(symbol, { ...gap, signal, priority: 'low' }))
      read(candlePages, (gap) => handler.getOhlcv(symbol, '1m', { ...gap, signal }))
    }
  }
  const ended = Promise.all(running)
  ended.catch(() => {}) // awaited at the end
  return { trades, candles, tradePages, candlePages, ended }
}

/** ccxt's transport timers run in real time: a second of it is two minutes here. */
function impatient(ccxtOptions: Simulator['ccxtOptions']): Record<string, Record<string, unknown>> {
  const entries = Object.entries(ccxtOptions)
  return Object.fromEntries(
    entries.map(([id, options]) => [id, { ...options, streaming: { keepAlive: 800 }, timeout: 1_500 }]),
  )
}

/** kraken flags no candle as closed: what a stall shorter than the watchdog swallows is left to the audit. */
function isStalled(plan: readonly Fault[], start: EpochMs, { since, until }: { since: EpochMs; until: EpochMs }) {
  return plan.some((fault) => {
    if (fault.kind !== 'stall') return false
    const begin = start + fault.atMs
    return begin < until + MINUTE_MS && begin + fault.forMs > since
  })
}

function countKinds(plan: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of plan) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function meanShare(all: readonly Delivered<unknown>[], wholeMs: number): number {
  const shares = all.map(({ pages }) => {
    const covered = normalizeSpans(pages.flatMap(({ page }) => page.covered ?? []))
    return spansLengthMs(covered) / wholeMs
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

function rowsOf(all: readonly Delivered<unknown>[]): number {
  return all.flatMap(({ pages }) => pages).reduce((sum, { page }) => sum + page.rows.length, 0)
}

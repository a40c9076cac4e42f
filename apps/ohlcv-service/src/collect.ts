import type { OHLCVCache, TradesCache } from '@fullon/cache'
import type { ExchangeHandler } from '@fullon/exchange'
import type { Clock, EpochMs, Span } from '@fullon/market'
import {
  type CandleRepository,
  converge,
  follow,
  type SaveResult,
  type TradeRepository,
  wantedSince,
} from '@fullon/ohlcv'
import type { Wanted } from './configuration.js'
import type { SeriesStatus } from './status.js'

/** A pino logger, or anything with its methods. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(bindings: object): Log
}

/** What a symbol's collectors work with. */
export interface CollectContext {
  readonly wanted: Wanted
  readonly handler: ExchangeHandler
  readonly candles: CandleRepository
  readonly trades: TradeRepository
  readonly newestCandles: OHLCVCache
  readonly newestTrades: TradesCache
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** The audit follows the present in steps of this. */
  readonly auditEveryMs: number
}

/** One series: where its records come from, what it lacks, and where they go. */
export interface Collection<Batch> {
  readonly status: SeriesStatus
  /** One subscription; absent where the exchange offers none. */
  readonly watch?: ((signal: AbortSignal) => AsyncIterable<Batch>) | undefined
  save(batch: Batch): Promise<void>
  /** What is missing, most urgent first. */
  next(): Promise<readonly Span[]>
  /** Fetches and saves some of a span; whether that brought anything. */
  fill(gap: Span, signal: AbortSignal): Promise<boolean>
}

const DAY_MS = 86_400_000

/** Two loops around one ledger, the stored coverage: `watch` moves its right edge, `fill` closes its gaps. */
export async function collect<Batch>(collection: Collection<Batch>, context: CollectContext, signal: AbortSignal) {
  const { status, watch } = collection
  const { handler, clock, random } = context
  const logger = context.log.child({ kind: status.kind })
  const save = async (batch: Batch) => {
    status.liveSince ??= handler.serverNow()
    await collection.save(batch)
  }
  const onBreak = () => {
    if (status.liveSince !== undefined) status.freshAt = clock.now()
    delete status.liveSince
  }
  const onState = (state: SeriesStatus['state'], gaps: number) => {
    if (state === 'idle') delete status.error
    Object.assign(status, { state, gaps })
  }
  const onError = (err: unknown) => {
    status.error = String(err)
  }
  const [next, fill] = [() => collection.next(), (gap: Span) => collection.fill(gap, signal)]
  await Promise.all([
    watch && follow({ clock, random, signal, watch, save, onBreak, logger }),
    converge({ clock, signal, next, fill, onState, onError, logger }),
  ])
  status.state = 'stopped'
}

/** From when on a series is wanted; with no backtest from the first candle stored. */
export async function sinceOf({ wanted, candles, handler }: CollectContext): Promise<EpochMs> {
  const { backtestDays, timeframe } = wanted
  const now = handler.serverNow()
  const oldest = backtestDays > 0 ? undefined : await candles.getOldestTimestamp()
  return oldest ?? wantedSince({ now, backtestMs: backtestDays * DAY_MS, timeframe })
}

export function count(status: SeriesStatus, { inserted, corrected, deleted }: SaveResult): void {
  status.rows += inserted
  status.corrected += corrected
  status.deleted += deleted
}

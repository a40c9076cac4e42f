import { setMaxListeners } from 'node:events'
import type { Cache } from '@fullon/cache'
import type { Work } from '@fullon/daemon'
import type { ExchangeHandler, ExchangeQueue } from '@fullon/exchange'
import type { Logger } from '@fullon/log'
import type { Clock } from '@fullon/market'
import {
  CandleRepository,
  collect,
  newSeriesStatus,
  type OhlcvDatabase,
  type Publisher,
  type SeriesStatus,
  startSeries,
  TradeRepository,
} from '@fullon/ohlcv'
import { type CollectedSymbol, OHLCV_ACCOUNT } from '@fullon/orm'
import { OhlcvCollector } from './ohlcv-collector.js'
import { TradeCollector } from './trade-collector.js'

/** What collecting needs, whatever the symbol. */
export interface SymbolParts {
  readonly ohlcv: OhlcvDatabase
  readonly cache: Cache
  readonly queue: ExchangeQueue
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: Logger
  readonly publisher?: Publisher | undefined
  /** The audit follows the present in steps of this. */
  readonly auditEveryMs: number
}

/** What a symbol's collectors work with. */
export interface SymbolContext {
  /** Read anew at each step: more or less history is only another gap. */
  readonly wanted: CollectedSymbol
  /** Of its candles and of its trades. */
  readonly status: readonly [SeriesStatus, SeriesStatus]
  readonly handler: ExchangeHandler
  readonly candles: CandleRepository
  readonly trades: TradeRepository
  readonly cache: Cache
  readonly auditEveryMs: number
}

/** A symbol that is being collected, until `stopping` aborts. */
export interface RunningSymbol extends Pick<SymbolContext, 'status'>, Work<CollectedSymbol> {}

/** Starts a symbol's two collectors, of candles and of trades, as soon as there is what they need. */
export function runSymbol(parts: SymbolParts, wanted: CollectedSymbol): RunningSymbol {
  const { exchange, symbol, sandbox } = wanted
  const now = parts.clock.now()
  const status = [newSeriesStatus(wanted, now), newSeriesStatus({ exchange, symbol, sandbox }, now)] as const
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // every wait of the symbol listens
  const running = { wanted, status, stopping }
  return Object.assign(running, { ended: collectSymbol(parts, running) })
}

async function collectSymbol(parts: SymbolParts, running: Omit<RunningSymbol, 'ended'>): Promise<void> {
  const { clock, random, publisher } = parts
  const { exchange, symbol, sandbox, timeframe, trades, backtestMs } = running.wanted
  const { status, stopping } = running
  const logger = parts.log.child({ exchange, symbol, ...(sandbox && { sandbox }) })
  const loop = { clock, signal: stopping.signal, logger }
  const context = await startSeries(() => openContext(parts, running), { ...loop, status })
  if (!context) return
  logger.info({ timeframe, backtestDays: backtestMs / 86_400_000, trades }, 'collecting')
  const options = { ...loop, random, publisher, now: () => context.handler.serverNow() }
  await Promise.all([
    collect(new OhlcvCollector(context), { ...options, logger: logger.child({ kind: 'candles' }) }),
    collect(new TradeCollector(context), { ...options, logger: logger.child({ kind: 'trades' }) }),
  ])
}

/** @throws Error while something of it is not to be had */
async function openContext(parts: SymbolParts, running: Pick<SymbolContext, 'wanted' | 'status'>) {
  const { ohlcv, queue, cache, auditEveryMs } = parts
  const { exchange, symbol, timeframe, sandbox } = running.wanted
  const handler = await queue.getHandler(exchange, OHLCV_ACCOUNT, { sandbox })
  const candles = new CandleRepository(ohlcv, exchange, symbol, timeframe, { sandbox })
  const trades = new TradeRepository(ohlcv, exchange, symbol, { sandbox })
  if ((await candles.getOldestTimestamp()) !== undefined) handler.remember(symbol)
  handler.feedFor(symbol, timeframe) // throws where there is none
  return Object.assign(running, { handler, candles, trades, cache, auditEveryMs })
}

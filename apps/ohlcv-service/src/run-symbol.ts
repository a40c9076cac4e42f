import { setMaxListeners } from 'node:events'
import { type Cache, OHLCVCache, TradesCache } from '@fullon/cache'
import type { ExchangeHandler, ExchangeQueue } from '@fullon/exchange'
import type { Logger } from '@fullon/log'
import type { Clock } from '@fullon/market'
import { CandleRepository, collect, type OhlcvDatabase, type SeriesStatus, TradeRepository } from '@fullon/ohlcv'
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
  /** The audit follows the present in steps of this. */
  readonly auditEveryMs: number
}

/** What a symbol's collectors work with. */
export interface SymbolContext {
  /** Read anew at each step: more or less history is only another gap. */
  wanted: CollectedSymbol
  readonly handler: ExchangeHandler
  readonly candles: CandleRepository
  readonly trades: TradeRepository
  readonly newestCandles: OHLCVCache
  readonly newestTrades: TradesCache
  readonly log: Logger
  readonly auditEveryMs: number
}

/** A symbol that is being collected, until `stopping` aborts. */
export interface RunningSymbol {
  readonly context: SymbolContext
  readonly status: readonly SeriesStatus[]
  readonly stopping: AbortController
  readonly ended: Promise<unknown>
}

/** Starts a symbol's two collectors, of candles and of trades. */
export async function runSymbol(parts: SymbolParts, wanted: CollectedSymbol): Promise<RunningSymbol> {
  const { ohlcv, cache, queue, clock, random, auditEveryMs } = parts
  const { exchange, symbol, timeframe, sandbox, backtestMs } = wanted
  const log = parts.log.child({ exchange, symbol })
  const handler = await queue.getHandler(exchange, OHLCV_ACCOUNT, { sandbox })
  const context = {
    ...{ wanted, handler, log, auditEveryMs },
    candles: new CandleRepository(ohlcv, exchange, symbol, timeframe, { sandbox }),
    trades: new TradeRepository(ohlcv, exchange, symbol, { sandbox }),
    newestCandles: new OHLCVCache(cache),
    newestTrades: new TradesCache(cache),
  }
  if ((await context.candles.getOldestTimestamp()) !== undefined) handler.remember(symbol)
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // every wait of the symbol listens
  const trades = new TradeCollector(context)
  const candles = new OhlcvCollector(context, trades.status)
  const options = { clock, random, now: () => handler.serverNow(), signal: stopping.signal }
  const ended = Promise.all([
    collect(candles, { ...options, logger: log.child({ kind: 'candles' }) }),
    collect(trades, { ...options, logger: log.child({ kind: 'trades' }) }),
  ])
  ended.catch((err) => log.error({ err }, 'collector ended')) // a bug: both its loops catch what can go wrong
  log.info({ timeframe, backtestDays: backtestMs / 86_400_000, trades: wanted.trades }, 'collecting')
  return { context, status: [candles.status, trades.status], stopping, ended }
}

import { setMaxListeners } from 'node:events'
import { type Cache, OHLCVCache, TradesCache } from '@fullon/cache'
import type { ExchangeHandler, ExchangeQueue } from '@fullon/exchange'
import type { Clock } from '@fullon/market'
import { CandleRepository, type OhlcvDatabase, TradeRepository } from '@fullon/ohlcv'
import type { Log } from './collect.js'
import type { Wanted } from './configuration.js'
import { OhlcvCollector } from './ohlcv-collector.js'
import type { SeriesStatus } from './status.js'
import { TradeCollector } from './trade-collector.js'

/** What collecting needs, whatever the symbol. */
export interface SymbolParts {
  readonly ohlcv: OhlcvDatabase
  readonly cache: Cache
  readonly queue: ExchangeQueue
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly auditEveryMs: number
}

/** A symbol that is being collected. */
export interface RunningSymbol {
  readonly handler: ExchangeHandler
  readonly status: readonly SeriesStatus[]
  stop(): Promise<void>
}

/** The account name under which fullon asks for market data. */
const ACCOUNT = 'ohlcv_account'

/** Starts a symbol's two collectors, of candles and of trades. */
export async function runSymbol(
  { ohlcv, cache, queue, ...parts }: SymbolParts,
  wanted: Wanted,
): Promise<RunningSymbol> {
  const { exchange, symbol, timeframe, sandbox, backtestDays, trades } = wanted
  const log = parts.log.child({ exchange, symbol })
  const handler = await queue.getHandler(exchange, ACCOUNT, { sandbox })
  const context = {
    ...{ ...parts, wanted, handler, log },
    candles: new CandleRepository(ohlcv, exchange, symbol, timeframe, { sandbox }),
    trades: new TradeRepository(ohlcv, exchange, symbol, { sandbox }),
    newestCandles: new OHLCVCache(cache),
    newestTrades: new TradesCache(cache),
  }
  const collectors = [new OhlcvCollector(context), new TradeCollector(context)]
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // every wait of the symbol listens
  const ended = Promise.all(collectors.map((collector) => collector.run(stopping.signal)))
  ended.catch((err) => log.error({ err }, 'collector ended')) // a bug: both its loops catch what can go wrong
  log.info({ timeframe, backtestDays, trades }, 'collecting')
  const stop = async () => {
    stopping.abort()
    await ended
  }
  return { handler, status: collectors.map(({ status }) => status), stop }
}

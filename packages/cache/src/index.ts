export type { Broadcast, Broadcasts } from './broadcast.js'
export type { CacheDriver, CacheOp, CacheResults, ChannelListener, ResultsOf, ScoredValue } from './cache-driver.js'
export type { CacheLogger } from './cache-logger.js'
export type { CandleChanges } from './candle-changes.js'
export { CacheError, type CacheErrorCode } from './errors.js'
export { type CacheKeys, keysWith, type Market, type TickSeries } from './keys.js'
export { type CandleSeries, type CandleUpdate, OHLCVCache } from './ohlcv-cache.js'
export { type Cache, type CacheOptions, openCache } from './open-cache.js'
export {
  type NewProcess,
  ProcessCache,
  type ProcessFilter,
  type ProcessUpdate,
  type StaleOptions,
} from './process-cache.js'
export {
  PROCESS_TYPES,
  type Process,
  type ProcessChange,
  type ProcessStatus,
  type ProcessType,
} from './process-record.js'
export { ProcessReporter } from './process-reporter.js'
export type { RedisPassThrough } from './redis-options.js'
export { redisUrlFrom } from './redis-url.js'
export { type ReportOptions, reportProcesses } from './report-processes.js'
export type { SystemHealth } from './system-health.js'
export { type TickAge, TickCache, type TickChanges, type TickUpdate } from './tick-cache.js'
export { TradesCache } from './trades-cache.js'
export type { WatchOptions } from './watch-channel.js'

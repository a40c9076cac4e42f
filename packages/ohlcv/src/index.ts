export { applyRetention, type RetentionOptions, type RetentionResult } from './apply-retention.js'
export { type CandleRange, CandleRepository } from './candle-repository.js'
export { type Collection, type CollectLogger, type CollectOptions, collect } from './collect.js'
export type { Difference } from './compare-rows.js'
export { type ConvergeLogger, type ConvergeOptions, type ConvergeState, converge } from './converge.js'
export { deleteSeries } from './delete-series.js'
export { OhlcvError, type OhlcvErrorCode } from './errors.js'
export type { EmptyCandle, FetchedCandle, Fill } from './fill-candles.js'
export { type FindWorkOptions, findTradesNeeded, findWantedSince, findWork } from './find-work.js'
export { type FollowOptions, follow } from './follow.js'
export { type HoldOptions, holdShards } from './hold-shards.js'
export { type CountedSeries, type ListSeriesOptions, listSeries } from './list-series.js'
export { type MaintainOptions, maintain } from './maintain.js'
export type { SaveResult } from './merge-rows.js'
export { type OhlcvDatabase, type OpenOptions, openOhlcv, type PoolOptions } from './open-ohlcv.js'
export { openShards, type Shard, type ShardOptions, type Shards } from './open-shards.js'
export { orderWork, type WorkOptions } from './order-work.js'
export { type PageAgain, type ReadAgainOptions, readAgain } from './read-again.js'
export { type SealOptions, type SealResult, sealDue, type Week } from './seal-due.js'
export type { Coverage, StoredSeries } from './select-series.js'
export { type GapOptions, type SeriesOptions, SeriesRepository, type StreamRange } from './series-repository.js'
export { newSeriesStatus, type SeriesState, type SeriesStatus } from './series-status.js'
export { shardOf } from './shard-of.js'
export type { Strength } from './sql/find-gaps.js'
export { type Fetched, type FetchOptions, type StreamOptions, TimeseriesRepository } from './timeseries-repository.js'
export { toCsv } from './to-csv.js'
export {
  type BuildOptions,
  type SaveTradesOptions,
  type SaveTradesResult,
  type TradeRange,
  TradeRepository,
} from './trade-repository.js'
export { type WantedOptions, wantedSince } from './wanted-since.js'

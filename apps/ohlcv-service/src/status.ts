import type { EpochMs, Series } from '@fullon/market'

export type SeriesState = 'starting' | 'filling' | 'cooling' | 'idle' | 'stopped'

/** What one collector is doing; it writes, the health report, the endpoints and the live table read. */
export interface SeriesStatus {
  readonly exchange: string
  readonly symbol: string
  readonly kind: 'candles' | 'trades'
  state: SeriesState
  /** Since when its subscription stands without a break. */
  liveSince?: EpochMs
  /** When it was last known to keep up with the present; absent during the first backfill. */
  freshAt?: EpochMs
  /** Spans still to be fetched. */
  gaps: number
  /** Of the newest row stored. */
  lastTimestamp?: EpochMs | undefined
  /** Rows inserted, corrected and deleted since the start. */
  rows: number
  corrected: number
  deleted: number
  error?: string
}

export function newStatus({ exchange, symbol }: Series, kind: SeriesStatus['kind']): SeriesStatus {
  return { exchange, symbol, kind, state: 'starting', gaps: 0, rows: 0, corrected: 0, deleted: 0 }
}

/** How far a series is behind the present, milliseconds: nothing while its subscription stands or before it ever did. */
export function lagMs({ liveSince, freshAt, state }: SeriesStatus, now: EpochMs): number {
  return liveSince !== undefined || freshAt === undefined || state === 'stopped' ? 0 : now - freshAt
}

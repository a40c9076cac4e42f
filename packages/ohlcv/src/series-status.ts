import type { EpochMs, Page, Series } from '@fullon/market'
import type { ConvergeState } from './converge.js'
import type { SaveResult } from './merge-rows.js'

export type SeriesState = 'starting' | ConvergeState | 'stopped'

/** What the collecting of one series is doing: {@link collect} writes it, monitors and tables read it. */
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
  lastTimestamp?: EpochMs
  /** Rows inserted, corrected and deleted since the start. */
  rows: number
  corrected: number
  deleted: number
  /** Saves since the start, and the milliseconds they took in all. */
  saves: number
  saveMs: number
  /** Why the newest part is not to be had, such as a delisting. */
  unavailable?: string
  /** Of the last step that failed, until all is well again. */
  error?: string
}

export function newSeriesStatus({ exchange, symbol, timeframe }: Series): SeriesStatus {
  const kind = timeframe ? 'candles' : 'trades'
  const counts = { gaps: 0, rows: 0, corrected: 0, deleted: 0, saves: 0, saveMs: 0 }
  return { exchange, symbol, kind, state: 'starting', ...counts }
}

/** Adds up what a save did. */
export function noteSave(
  status: SeriesStatus,
  { rows, covered, unavailable }: Page<{ readonly timestamp: EpochMs }>,
  { inserted, corrected, deleted }: SaveResult,
  tookMs: number,
): void {
  status.rows += inserted
  status.corrected += corrected
  status.deleted += deleted
  status.saves++
  status.saveMs += tookMs
  const newest = rows.at(-1)
  if (newest) status.lastTimestamp = Math.max(newest.timestamp, status.lastTimestamp ?? newest.timestamp)
  if (covered) delete status.unavailable
  else if (unavailable && unavailable.until > (status.lastTimestamp ?? 0)) status.unavailable = unavailable.reason
}

import type { EpochMs } from '@fullon/market'

/** One series as a service follows it. */
export interface SeriesReport {
  readonly exchange: string
  /** Of the exchange's test environment. */
  readonly sandbox?: boolean
  readonly symbol: string
  readonly kind: 'candles' | 'trades'
  /** When its collecting began. */
  readonly startedAt?: EpochMs
  readonly state: 'starting' | 'filling' | 'cooling' | 'idle' | 'stopped'
  /** Since when its subscription stands without a break. */
  readonly liveSince?: EpochMs
  /** When it was last known to keep up with the present; absent until the first backfill has reached it. */
  readonly freshAt?: EpochMs
  /** Spans still to be fetched. */
  readonly gaps: number
  /** Of the newest row stored. */
  readonly lastTimestamp?: EpochMs
  /** Rows inserted, corrected and deleted since the start. */
  readonly rows: number
  readonly corrected: number
  readonly deleted: number
  /** Saves since the start, and the milliseconds they took in all. */
  readonly saves: number
  readonly saveMs: number
  /** Why the newest part is not to be had, such as a delisting: it is not late then. */
  readonly unavailable?: string
  readonly error?: string
}

/** A process as `ProcessCache` of `@fullon/cache` takes it. */
export interface ProcessReport {
  readonly type: 'ohlcv'
  readonly component: string
  readonly status: 'starting' | 'processing' | 'error' | 'running' | 'stopped'
  readonly message: string
  readonly params: Readonly<Record<string, string | number | null>>
}

const PROCESS_STATUS = {
  starting: 'starting',
  filling: 'processing',
  cooling: 'error',
  idle: 'running',
  stopped: 'stopped',
} as const satisfies Record<SeriesReport['state'], ProcessReport['status']>

/**
 * How far a series is behind the present, milliseconds: nothing while its subscription stands, or in a first backfill
 * that gets on. What has brought nothing but an error is as late as its start is long ago.
 */
export function lagMs(series: SeriesReport, now: EpochMs): number {
  const { liveSince, freshAt, startedAt, state, unavailable, error } = series
  if (liveSince !== undefined || state === 'stopped' || unavailable !== undefined) return 0
  const since = freshAt ?? (error === undefined ? undefined : startedAt)
  return since === undefined ? 0 : Math.max(0, now - since)
}

/** The exchange, with `@sandbox` where it is its test environment: as in the cache's keys. */
export function marketOf({ exchange, sandbox }: { readonly exchange: string; readonly sandbox?: boolean }): string {
  return sandbox ? `${exchange}@sandbox` : exchange
}

interface Doing {
  readonly state: string
  readonly liveSince?: EpochMs | undefined
  readonly error?: string | undefined
}

/** What it is doing, in a word or two; what is wrong, where something is. */
export function doingOf({ state, liveSince, error }: Doing): string {
  return error ?? (liveSince === undefined ? state : `${state}, live`)
}

/** A daemon and each of its series, as fullon's monitors read them. */
export function toProcesses(series: readonly SeriesReport[], now: EpochMs): ProcessReport[] {
  const message = series.length > 0 ? 'collecting' : 'standing by'
  const params = { series: series.length }
  const daemon = { type: 'ohlcv', component: 'ohlcv:daemon', status: 'running', message, params } as const
  return [daemon, ...series.map((one) => toProcess(one, now))]
}

/** fullon's `ohlcv` process of a series, component `ohlcv:<exchange>[@sandbox]:<symbol>`; that of its trades ends in `:trades`. */
function toProcess(series: SeriesReport, now: EpochMs): ProcessReport {
  const { symbol, kind, state, lastTimestamp, gaps, rows, corrected, deleted, error } = series
  const lag = lagMs(series, now)
  return {
    type: 'ohlcv',
    component: `ohlcv:${marketOf(series)}:${symbol}${kind === 'trades' ? ':trades' : ''}`,
    status: PROCESS_STATUS[state],
    message: doingOf(series),
    params: { lastTimestamp: lastTimestamp ?? null, lagMs: lag, gaps, rows, corrected, deleted, error: error ?? null },
  }
}

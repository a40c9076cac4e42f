import type { EpochMs } from '@fullon/market'

/** One series as a service follows it. */
export interface SeriesReport {
  readonly exchange: string
  readonly symbol: string
  readonly kind: 'candles' | 'trades'
  readonly state: 'starting' | 'filling' | 'cooling' | 'idle' | 'stopped'
  /** Since when its subscription stands without a break. */
  readonly liveSince?: EpochMs
  /** When it was last known to keep up with the present; absent during the first backfill. */
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

/** How far a series is behind the present, milliseconds: nothing while its subscription stands, or before it ever kept up. */
export function lagMs({ liveSince, freshAt, state, unavailable }: SeriesReport, now: EpochMs): number {
  if (liveSince !== undefined || freshAt === undefined) return 0
  return state === 'stopped' || unavailable !== undefined ? 0 : Math.max(0, now - freshAt)
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

/** fullon's `ohlcv` process of a series, component `ohlcv:<exchange>:<symbol>`; that of its trades ends in `:trades`. */
function toProcess(series: SeriesReport, now: EpochMs): ProcessReport {
  const { exchange, symbol, kind, state, lastTimestamp, gaps, rows, corrected, deleted, error } = series
  const lag = lagMs(series, now)
  return {
    type: 'ohlcv',
    component: `ohlcv:${exchange}:${symbol}${kind === 'trades' ? ':trades' : ''}`,
    status: PROCESS_STATUS[state],
    message: doingOf(series),
    params: { lastTimestamp: lastTimestamp ?? null, lagMs: lag, gaps, rows, corrected, deleted, error: error ?? null },
  }
}

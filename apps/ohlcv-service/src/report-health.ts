import { type Cache, type NewProcess, ProcessCache, ProcessReporter } from '@fullon/cache'
import type { Clock } from '@fullon/market'
import type { Log } from './collect.js'
import type { SeriesState, SeriesStatus } from './status.js'

export interface HealthOptions {
  readonly cache: Cache
  readonly status: () => readonly SeriesStatus[]
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const REPORT_EVERY_MS = 10_000

const PROCESS_STATUS = {
  starting: 'starting',
  filling: 'processing',
  cooling: 'error',
  idle: 'running',
  stopped: 'stopped',
} as const satisfies Record<SeriesState, NewProcess['status']>

/** Keeps every series visible in the cache until `signal` aborts; then they are shown as stopped. */
export async function reportHealth({ cache, status, clock, log, signal }: HealthOptions): Promise<void> {
  const reporter = new ProcessReporter(new ProcessCache(cache))
  while (!signal.aborted) {
    await clock.sleep(REPORT_EVERY_MS, { signal }).catch(() => {})
    const reports = signal.aborted ? [] : status().map(reportOf)
    await reporter.report(reports).catch((err) => log.warn({ err }, 'health not reported'))
  }
}

function reportOf({
  exchange,
  symbol,
  kind,
  state,
  liveSince,
  lastTimestamp,
  gaps,
  rows,
  corrected,
  deleted,
  error,
}: SeriesStatus): NewProcess {
  return {
    type: 'ohlcv',
    component: `ohlcv:${exchange}:${symbol}${kind === 'trades' ? ':trades' : ''}`,
    status: PROCESS_STATUS[state],
    message: error ?? (liveSince === undefined ? state : `${state}, live`),
    params: { lastTimestamp: lastTimestamp ?? null, gaps, rows, corrected, deleted },
  }
}

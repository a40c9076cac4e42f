import type { Clock } from '@fullon/market'
import { Gauge, Registry } from 'prom-client'
import { lagMs } from './status.js'
import type { Supervisor } from './supervisor.js'

/** Labels of a series: three for each configured symbol and kind, so 8 metrics x 2 kinds a symbol. */
const SERIES = ['exchange', 'symbol', 'kind'] as const

/** Prometheus text of what the collectors and exchanges count; made from their own numbers at each scrape. */
export async function renderMetrics(supervisor: Supervisor, clock: Clock): Promise<string> {
  const registry = new Registry()
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `fullon_${name}`, help, labelNames, registers: [registry] })
  const lag = gauge('series_lag_seconds', 'How far a series is behind the present', SERIES)
  const live = gauge('series_live', '1 while the subscription stands', SERIES)
  const gaps = gauge('series_gaps', 'Spans still to be fetched', SERIES)
  const rows = gauge('series_rows_total', 'Rows inserted since the start', SERIES)
  const corrected = gauge('series_corrected_total', 'Rows corrected since the start', SERIES)
  const deleted = gauge('series_deleted_total', 'Rows deleted since the start', SERIES)
  for (const status of supervisor.status()) {
    const { exchange, symbol, kind } = status
    const labels = { exchange, symbol, kind }
    lag.set(labels, lagMs(status, clock.now()) / 1000)
    live.set(labels, status.liveSince === undefined ? 0 : 1)
    gaps.set(labels, status.gaps)
    rows.set(labels, status.rows)
    corrected.set(labels, status.corrected)
    deleted.set(labels, status.deleted)
  }
  for (const { exchange, counts, streamCounts } of supervisor.handlers()) {
    for (const [name, value] of Object.entries({ ...streamCounts, ...counts })) {
      exchangeGauge(registry, name).set({ exchange }, value)
    }
  }
  return registry.metrics()
}

/** One metric for each number that an exchange's handler counts: `requests` is `fullon_exchange_requests`. */
function exchangeGauge(registry: Registry, name: string): Gauge<'exchange'> {
  const full = `fullon_exchange_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
  const known = registry.getSingleMetric(full) as Gauge<'exchange'> | undefined // cast: only made below
  return (
    known ??
    new Gauge({
      name: full,
      help: `${name} of an exchange's handlers`,
      labelNames: ['exchange'],
      registers: [registry],
    })
  )
}

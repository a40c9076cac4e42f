import type { EpochMs } from '@fullon/market'
import { Counter, Gauge, Registry } from 'prom-client'
import { lagMs, marketOf, type SeriesReport } from './series-report.js'

/** What the handlers of one exchange count, by name: `{ requests: 12, waiting: 0, … }`. */
export interface ExchangeReport {
  readonly exchange: string
  readonly counts: Readonly<Record<string, number>>
}

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly value: (series: SeriesReport, now: EpochMs) => number
}

/** Of each series; three labels, so as many lines a configured symbol and kind as there are entries. */
export const METRICS: readonly Metric[] = [
  gauge('lag_seconds', 'How far a series is behind the present', (series, now) => lagMs(series, now) / 1000),
  gauge('live', '1 while the subscription stands', ({ liveSince }) => (liveSince === undefined ? 0 : 1)),
  gauge('gaps', 'Spans still to be fetched', ({ gaps }) => gaps),
  counter('rows_total', 'Rows inserted', ({ rows }) => rows),
  counter('corrected_total', 'Rows corrected', ({ corrected }) => corrected),
  counter('deleted_total', 'Rows deleted', ({ deleted }) => deleted),
  counter('saves_total', 'Saves', ({ saves }) => saves),
  counter('save_seconds_total', 'Time that saves took in all', ({ saveMs }) => saveMs / 1000),
]

/** Those counts of an exchange that go down, too. */
const LEVELS = new Set(['waiting', 'sockets', 'streams'])

/** Prometheus text of what a service counts; made from its own numbers at each scrape. */
export async function renderMetrics(
  series: readonly SeriesReport[],
  exchanges: readonly ExchangeReport[],
  now: EpochMs,
): Promise<string> {
  const registry = new Registry()
  for (const { name, help, type, value } of METRICS) {
    const add = open(registry, type, { name, help, labelNames: ['exchange', 'symbol', 'kind'] })
    for (const one of series) {
      add({ exchange: marketOf(one), symbol: one.symbol, kind: one.kind }, value(one, now))
    }
  }
  for (const { exchange, counts } of exchanges) {
    for (const [name, value] of Object.entries(counts)) {
      const isLevel = LEVELS.has(name)
      const text = `fullon_exchange_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}${isLevel ? '' : '_total'}`
      const help = `${name} of an exchange's handlers`
      open(registry, isLevel ? 'gauge' : 'counter', { name: text, help, labelNames: ['exchange'] })({ exchange }, value)
    }
  }
  return registry.metrics()
}

/** Adds to the metric of that name, which is made when it is not there. */
function open(
  registry: Registry,
  type: Metric['type'],
  options: { readonly name: string; readonly help: string; readonly labelNames: string[] },
): (labels: Record<string, string>, value: number) => void {
  const Class = type === 'gauge' ? Gauge : Counter
  const known = registry.getSingleMetric(options.name) as Gauge | Counter | undefined // cast: only made here
  const metric = known ?? new Class({ ...options, registers: [registry] })
  return (labels, value) => metric.inc(labels, value)
}

function gauge(name: string, help: string, value: Metric['value']): Metric {
  return { name: `fullon_series_${name}`, help, type: 'gauge', value }
}

function counter(name: string, help: string, value: Metric['value']): Metric {
  return { name: `fullon_series_${name}`, help: `${help} since the start`, type: 'counter', value }
}

export { type ExchangeReport, METRICS, renderMetrics } from './metrics.js'
export { lagMs, type ProcessReport, type SeriesReport, toProcess } from './series-report.js'
export { HEALTHY_LAG_MS, type Monitor, type MonitorAddress, type MonitorSources, serveMonitor } from './serve-monitor.js'

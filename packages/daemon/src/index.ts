export { type ExchangeReport, METRICS, renderMetrics } from './metrics.js'
export { type DaemonLogger, type DaemonOptions, messageOf, openOrSay, parseWhole, runDaemon } from './run-daemon.js'
export { doingOf, lagMs, marketOf, type ProcessReport, type SeriesReport, toProcesses } from './series-report.js'
export {
  HEALTHY_LAG_MS,
  type Monitor,
  type MonitorAddress,
  type MonitorSources,
  monitorAddressFrom,
  serveMonitor,
} from './serve-monitor.js'
export { shardsFrom } from './shards-from.js'
export { type Serving, startServing } from './start-serving.js'
export { type Work, WorkSet, type WorkSetOptions } from './work-set.js'

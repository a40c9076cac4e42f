import type { Clock } from '@fullon/market'
import type { CacheLogger } from './cache-logger.js'
import type { Cache } from './open-cache.js'
import { type NewProcess, ProcessCache } from './process-cache.js'
import { ProcessReporter } from './process-reporter.js'

export interface ReportOptions {
  readonly cache: Cache
  /** All of the program's processes, each with its state now. */
  readonly processes: () => readonly NewProcess[]
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly logger: CacheLogger
  /** Milliseconds. Default 10,000. */
  readonly everyMs?: number
}

/** Keeps a program's processes visible until `signal` aborts; then they are shown as stopped. A cache that is away costs freshness, and one warning. */
export async function reportProcesses({
  cache,
  processes,
  clock,
  signal,
  logger,
  everyMs = 10_000,
}: ReportOptions): Promise<void> {
  const reporter = new ProcessReporter(new ProcessCache(cache))
  let isSaid = false
  for (let isLast = false; !isLast; ) {
    await clock.sleep(everyMs, { signal }).catch(() => {})
    isLast = signal.aborted // told during a report, there is one more: none runs any longer
    try {
      await reporter.report(isLast ? [] : processes())
      isSaid = false
    } catch (err) {
      if (!isSaid) logger.warn({ err }, 'health not reported')
      isSaid = true
    }
  }
}

import type { Clock } from '@fullon/market'
import type { SeriesStatus } from './series-status.js'

/** Of a pino logger, or anything with these methods. */
export interface StartLogger {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface StartOptions {
  /** Of the series that start together; they show what is in the way. */
  readonly status: readonly SeriesStatus[]
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly logger: StartLogger
}

const RETRY_MS = 5_000

/**
 * What `start` gives, tried until it does: a database that was away for a moment must not cost a series, and a person
 * may mend the rest. Each reason is logged once. Undefined when `signal` aborts.
 */
export async function startSeries<T>(
  start: () => Promise<T>,
  { status, clock, signal, logger }: StartOptions,
): Promise<T | undefined> {
  for (let said: string | undefined; !signal.aborted; ) {
    try {
      const started = await start()
      for (const one of status) delete one.error
      return started
    } catch (err) {
      const reason = String(err)
      for (const one of status) one.error = reason
      if (reason !== said && isTransient(err))
        logger.warn({ err, delayMs: RETRY_MS }, 'symbol not started, trying again')
      else if (reason !== said) logger.error({ err, delayMs: RETRY_MS }, 'symbol cannot be collected')
      said = reason
      await clock.sleep(RETRY_MS, { signal }).catch(() => {})
    }
  }
  return undefined
}

/** As this project's packages say it of their errors. */
function isTransient(err: unknown): boolean {
  return err instanceof Error && 'transient' in err && err.transient === true
}

import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseOptions } from './connection-config.js'
import { OrmError } from './errors.js'

const LOOK_EVERY_MS = 2_000

/**
 * Does what needs the database once it is there: both may have been started together.
 *
 * @throws what `work` throws, at once when waiting cannot help.
 *
 * @internal
 */
export async function whenThere<T>(
  work: () => Promise<T>,
  { waitMs = 0, signal, logger }: Pick<DatabaseOptions, 'waitMs' | 'signal' | 'logger'>,
): Promise<T> {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof OrmError && error.transient) || performance.now() >= giveUpAt) throw error
      logger?.warn({ reason: error.message, delayMs: LOOK_EVERY_MS }, 'database not there yet, waiting for it')
      await delay(LOOK_EVERY_MS, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
    }
  }
}

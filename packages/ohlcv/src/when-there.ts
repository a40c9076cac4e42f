import { setTimeout as delay } from 'node:timers/promises'
import { OhlcvError } from './errors.js'

export interface WaitOptions {
  /** How long a database that is not there yet, or has no room, is waited for, milliseconds. Default 0. */
  readonly waitMs?: number | undefined
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined
  /** Told what is waited for. */
  readonly logger?: { warn(fields: object, message: string): void } | undefined
}

const LOOK_EVERY_MS = 2_000

/** @throws what `work` throws, at once when waiting cannot help. */
export async function whenThere<T>(work: () => Promise<T>, { waitMs = 0, signal, logger }: WaitOptions): Promise<T> {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const mayPass = error instanceof OhlcvError && (error.transient || error.code === 'DISK_FULL')
      if (!mayPass || performance.now() >= giveUpAt) throw error
      logger?.warn({ reason: error.message, delayMs: LOOK_EVERY_MS }, 'database not there yet, waiting for it')
      await delay(LOOK_EVERY_MS, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
    }
  }
}

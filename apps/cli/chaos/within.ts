import { setTimeout as delay } from 'node:timers/promises'

/** Real time, on a very busy machine. */
const PATIENCE_MS = 180_000

/**
 * A hang is a failure with a name.
 *
 * @param takesMs how long it takes anyhow, milliseconds of real time
 */
export async function within<T>(what: string, step: Promise<T>, takesMs = 0): Promise<T> {
  const limitMs = Math.round(takesMs + PATIENCE_MS)
  const timer = new AbortController()
  const limit = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what}: expected an end within ${limitMs} ms`)
  })
  limit.catch(() => {}) // aborted below
  try {
    return await Promise.race([step, limit])
  } finally {
    timer.abort()
  }
}

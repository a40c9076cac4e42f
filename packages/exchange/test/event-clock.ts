import type { Clock, EpochMs } from '@fullon/market'

/** A clock that goes from one sleeper's end to the next, as fast as they wake: an hour takes no time and is the same each time. */
export interface EventClock extends Clock {
  /** How many sleep now. */
  readonly sleeping: number
  /** Lets all that is due until then happen, in order. */
  runUntil(time: EpochMs): Promise<void>
  setBack(ms: number): void
}

interface Sleeper {
  end: EpochMs
  readonly wake: () => void
}

export function createEventClock(): EventClock {
  let now = 0
  const sleepers = new Set<Sleeper>()
  return {
    now: () => now,
    get sleeping() {
      return sleepers.size
    },
    setBack(ms) {
      now -= ms
      for (const sleeper of sleepers) sleeper.end -= ms
    },
    sleep(delayMs, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          end: now + delayMs,
          wake: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async runUntil(time) {
      for (;;) {
        // Everything that follows without a timer has happened before the next macrotask.
        await new Promise((resolve) => setImmediate(resolve))
        const next = [...sleepers].sort((a, b) => a.end - b.end)[0]
        if (!next || next.end > time) break
        now = Math.max(now, next.end)
        sleepers.delete(next)
        next.wake()
      }
      now = Math.max(now, time)
    },
  }
}

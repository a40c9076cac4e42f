import type { Clock, EpochMs } from '@fullon/market'

/** A clock that can be moved ahead; who sleeps wakes as it passes. */
export interface HandClock extends Clock {
  moveTo(time: EpochMs): void
}

/** @param runs between its moves it goes as the machine's does; else it stands */
export function createHandClock(start: EpochMs, { runs = false } = {}): HandClock {
  let moved = start
  const origin = performance.now()
  const now = () => moved + (runs ? Math.floor(performance.now() - origin) : 0)
  const sleepers = new Set<() => void>()
  return {
    now,
    moveTo(time) {
      moved += Math.max(0, time - now())
      for (const wake of [...sleepers]) wake()
    },
    async sleep(delayMs, { signal } = {}) {
      signal?.throwIfAborted()
      const end = now() + delayMs
      while (now() < end) {
        await new Promise<void>((resolve, reject) => {
          const timer = runs ? setTimeout(() => done(resolve), end - now()) : undefined
          const wake = () => done(resolve)
          const onAbort = () => done(() => reject(signal?.reason))
          const done = (settle: () => void) => {
            clearTimeout(timer)
            sleepers.delete(wake)
            signal?.removeEventListener('abort', onAbort)
            settle()
          }
          signal?.addEventListener('abort', onAbort, { once: true })
          sleepers.add(wake)
        })
      }
    },
  }
}

import type { Clock, EpochMs } from '@fullon/market'

export interface PacedClock extends Clock, Disposable {}

interface Sleeper {
  readonly end: EpochMs
  readonly wake: () => void
}

const STEP_MS = 10
/** Of real time. What a busy machine takes longer for is not time that the client was slow in. */
const LONGEST_STEP_MS = 15

/**
 * A clock that runs at most `speed` times as fast as the machine's, and slower where the machine does not keep up, so
 * that a run gives the same on a busy one.
 */
export function createPacedClock({ start, speed }: { start: EpochMs; speed: number }): PacedClock {
  const sleepers = new Set<Sleeper>()
  let now = start
  let steppedAt = performance.now()
  const timer = setInterval(() => {
    const realNow = performance.now()
    now += Math.floor(Math.min(realNow - steppedAt, LONGEST_STEP_MS) * speed)
    steppedAt = realNow
    for (const sleeper of [...sleepers].filter(({ end }) => end <= now).sort((a, b) => a.end - b.end)) sleeper.wake()
  }, STEP_MS)
  return {
    now: () => now,
    sleep: (delayMs, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const leave = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          leave()
          reject(signal?.reason)
        }
        const wake = () => {
          leave()
          resolve()
        }
        const sleeper: Sleeper = { end: now + delayMs, wake }
        signal?.addEventListener('abort', onAbort, { once: true })
        sleepers.add(sleeper)
      }),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

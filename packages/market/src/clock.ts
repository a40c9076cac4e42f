import type { EpochMs } from './epoch-ms.js'

/** Time as a parameter, so that the whole system can run on a simulated one. */
export interface Clock {
  now(): EpochMs
  /** Resolves after `delayMs`; rejects with `signal.reason` when aborted. */
  sleep(delayMs: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

// The longest delay of a Node timer, 24.8 days; it takes a longer one as 1 ms.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(delayMs, { signal } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (Number.isNaN(delayMs)) return reject(new RangeError('sleep: expected milliseconds, got NaN'))
      let timer: NodeJS.Timeout
      wait(delayMs)
      signal?.addEventListener('abort', onAbort, { once: true })

      function wait(leftMs: number): void {
        timer = setTimeout(
          () => (leftMs > LONGEST_TIMER_MS ? wait(leftMs - LONGEST_TIMER_MS) : onEnd()),
          Math.min(leftMs, LONGEST_TIMER_MS),
        )
      }
      function onEnd(): void {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      function onAbort(): void {
        clearTimeout(timer)
        reject(signal?.reason)
      }
    })
  },
}

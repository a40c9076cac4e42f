import type { Clock, EpochMs } from '@fullon/market'

/** A clock that stands until it is moved. */
export interface HandClock extends Clock {
  move(delayMs: number): void
}

export function createHandClock(start: EpochMs): HandClock {
  let now = start
  return {
    now: () => now,
    move: (delayMs) => {
      now += delayMs
    },
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
  }
}

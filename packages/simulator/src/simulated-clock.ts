import { type Clock, type EpochMs, systemClock } from '@fullon/market'

/** The longest delay that Node's timers take: 2^31 - 1 ms; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A clock that runs `speed` times as fast as the machine's. */
export interface SimulatedClock extends Clock {
  readonly speed: number
}

/**
 * Starts at `start` now, or did at `startedAt` by the machine's time: several processes that give the same one share
 * a clock. `now()` is a whole number of milliseconds and never goes back, whatever happens
 * to the machine's own time; `sleep` takes simulated milliseconds and never returns before they have passed.
 *
 * @throws RangeError when `speed` is not above 0.
 */
export function createSimulatedClock({
  start,
  speed,
  startedAt,
}: {
  start: EpochMs
  speed: number
  startedAt?: EpochMs
}): SimulatedClock {
  if (!Number.isFinite(start)) throw new RangeError(`start: expected epoch milliseconds, got ${start}`)
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed: expected a number above 0, got ${speed}`)
  const origin = startedAt === undefined ? performance.now() : startedAt - performance.timeOrigin
  const now = (): EpochMs => Math.floor(start + (performance.now() - origin) * speed)

  return {
    speed,
    now,
    async sleep(delayMs, { signal } = {}) {
      signal?.throwIfAborted()
      const until = now() + delayMs
      // A timer may fire up to a millisecond early, which is `speed` simulated ones: look again.
      for (let left = delayMs; left > 0; left = until - now()) {
        await systemClock.sleep(Math.min(Math.ceil(left / speed), LONGEST_TIMER_MS), { signal })
      }
    },
  }
}

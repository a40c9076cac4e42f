import type { EpochMs } from '@fullon/market'

/** How much a client may ask, of an exchange that counts in windows of the exchange's time, one after the other. */
interface WindowLimit {
  readonly windowMs: number
  /** Weight a window. */
  readonly most: number
}

/** The same of an exchange that refills: `burst` at once, and `perSecond` go on for ever. */
interface BucketLimit {
  readonly perSecond: number
  readonly burst: number
}

export type RateLimit = WindowLimit | BucketLimit

/** What a request finds that spends some of it. */
export interface Spent {
  readonly isWithin: boolean
  /** Weight in this window; of a bucket, what is missing to a full one. */
  readonly used: number
  /** Until there is room for it. */
  readonly retryAfterMs: number
}

/** Counts one client's requests against a limit. */
export interface Limiter {
  spend(weight: number, now: EpochMs): Spent
}

/** @throws RangeError for a limit that lets nothing through. */
export function createLimiter(limit: RateLimit): Limiter {
  const numbers = 'windowMs' in limit ? [limit.windowMs, limit.most] : [limit.perSecond, limit.burst]
  if (!numbers.every((number) => number > 0 && Number.isFinite(number)))
    throw new RangeError(`limit: expected numbers above 0, got ${JSON.stringify(limit)}`)
  return 'windowMs' in limit ? createWindow(limit) : createBucket(limit)
}

/** What is refused counts too, as on binance. */
function createWindow({ windowMs, most }: WindowLimit): Limiter {
  let window = 0
  let used = 0
  return {
    spend(weight, now) {
      const current = Math.floor(now / windowMs)
      if (current !== window) [window, used] = [current, 0]
      used += weight
      return { isWithin: used <= most, used, retryAfterMs: (window + 1) * windowMs - now }
    },
  }
}

function createBucket({ perSecond, burst }: BucketLimit): Limiter {
  let left = burst
  let last = Number.NEGATIVE_INFINITY
  return {
    spend(weight, now) {
      left = Math.min(burst, left + (Math.max(0, now - last) * perSecond) / 1000)
      last = now
      const isWithin = left >= weight
      const retryAfterMs = isWithin ? 0 : Math.ceil(((weight - left) * 1000) / perSecond)
      if (isWithin) left -= weight
      return { isWithin, used: burst - left, retryAfterMs }
    },
  }
}

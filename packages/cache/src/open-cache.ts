import { type Clock, systemClock } from '@fullon/market'
import type { CacheDriver } from './cache-driver.js'
import type { CacheLogger } from './cache-logger.js'
import { type CacheKeys, keysWith } from './keys.js'
import { MemoryDriver } from './memory-driver.js'
import { RedisDriver } from './redis-driver.js'
import type { RedisPassThrough } from './redis-options.js'

export interface CacheOptions {
  /** `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. Without it and `redis`: the memory of this process. */
  readonly url?: string | undefined
  /** Further options of ioredis, such as `{ tls: { ca } }` or, without `url`, `{ sentinels, name, password }`. */
  readonly redis?: RedisPassThrough | undefined
  /** Before every key and channel; '' by default, as Python's fullon_cache expects. */
  readonly keyPrefix?: string | undefined
  /** How long a command may take before it fails, in ms; 2,000 by default, at least 1. */
  readonly timeoutMs?: number | undefined
  /** Told once when Redis goes and once when it is back. */
  readonly logger?: CacheLogger | undefined
  readonly clock?: Clock | undefined
}

/** What the caches are made from. */
export interface Cache extends AsyncDisposable {
  readonly driver: CacheDriver
  readonly keys: CacheKeys
  readonly clock: Clock
  close(): Promise<void>
}

/**
 * Resolves whether or not Redis is there: it is never the only copy of anything, so its absence must not stop a
 * service. Until it is there, operations fail with `UNAVAILABLE`.
 *
 * @throws TypeError when `url` is no Redis URL, RangeError when `timeoutMs` is none.
 */
export async function openCache({
  url,
  redis,
  keyPrefix = '',
  timeoutMs = 2_000,
  logger,
  clock = systemClock,
}: CacheOptions = {}): Promise<Cache> {
  if (!(timeoutMs >= 1)) throw new RangeError(`timeoutMs: expected at least 1, got ${timeoutMs}`)
  const isMemory = url === undefined && redis === undefined
  const driver = isMemory ? new MemoryDriver({ clock }) : await RedisDriver.open({ url, redis, timeoutMs, logger })
  const close = () => driver.close()
  return { driver, keys: keysWith(keyPrefix), clock, close, [Symbol.asyncDispose]: close }
}

import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { type Cache, type CacheOptions, openCache } from '../../src/index.js'

const redisUrl = process.env.TEST_REDIS_URL

export interface Store {
  readonly name: string
  /** A cache with a key prefix of its own, whose keys are deleted with it. */
  open(options?: Pick<CacheOptions, 'clock'>): Promise<Cache>
}

/** Every store there is to test: Redis only with TEST_REDIS_URL=redis://127.0.0.1:6379 or the like. */
export const stores: readonly Store[] = [
  { name: 'memory', open: (options) => openCache(options) },
  ...(redisUrl
    ? [{ name: 'Redis', open: (options?: Pick<CacheOptions, 'clock'>) => openRedis(redisUrl, options) }]
    : []),
]

async function openRedis(url: string, options: Pick<CacheOptions, 'clock'> = {}): Promise<Cache> {
  const keyPrefix = `fullon-test-${randomUUID()}:`
  const cache = await openCache({ url, keyPrefix, ...options })
  return {
    ...cache,
    async [Symbol.asyncDispose]() {
      await cache.close()
      await deleteKeys(url, keyPrefix)
    },
  }
}

async function deleteKeys(url: string, keyPrefix: string): Promise<void> {
  const redis = new Redis(url)
  try {
    for await (const keys of redis.scanStream({ match: `${keyPrefix}*`, count: 1_000 }))
      if (keys.length > 0) await redis.del(keys)
  } finally {
    redis.disconnect()
  }
}

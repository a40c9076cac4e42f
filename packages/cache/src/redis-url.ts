/** `REDIS_URL`, else from fullon's `CACHE_HOST`, `CACHE_PORT` and `CACHE_DB`; undefined where none is configured. */
export function redisUrlFrom(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.REDIS_URL) return env.REDIS_URL
  return env.CACHE_HOST ? `redis://${env.CACHE_HOST}:${env.CACHE_PORT || 6379}/${env.CACHE_DB || 0}` : undefined
}

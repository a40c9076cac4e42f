import type { RedisOptions } from 'ioredis'

// Reconnecting costs nothing while Redis is away, and freshness when it is back: 50 ms, doubled up to 2 s.
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 2_000

/** ioredis' options that say where Redis is and how to speak to it; what bounds waiting is ours. */
export type RedisPassThrough = Readonly<
  Pick<
    RedisOptions,
    | 'host'
    | 'port'
    | 'family'
    | 'username'
    | 'password'
    | 'db'
    | 'tls'
    | 'connectionName'
    | 'keepAlive'
    | 'name'
    | 'role'
    | 'sentinels'
    | 'sentinelUsername'
    | 'sentinelPassword'
    | 'sentinelTLS'
    | 'enableTLSForSentinelMode'
    | 'sentinelMaxConnections'
    | 'updateSentinels'
    | 'failoverDetector'
    | 'preferredSlaves'
    | 'natMap'
  >
>

/** What keeps waiting for Redis, and what waits, within bounds. */
export function boundsOf(timeoutMs: number) {
  return {
    // Nothing waits in memory for Redis: not what comes while it is away, not what was under way.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    connectTimeout: timeoutMs,
    sentinelCommandTimeout: timeoutMs,
    socketTimeout: timeoutMs, // a silent connection is broken: leave it, or what it holds only grows
    retryStrategy: retryDelayMs,
    sentinelRetryStrategy: retryDelayMs,
  } satisfies RedisOptions
}

function retryDelayMs(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS)
}

import type { ClientConfig } from 'pg'

const CONNECT_TIMEOUT_MS = 10_000
// A server that vanished under a statement that may take hours is noticed in a minute, not after the system's two hours.
const KEEP_ALIVE_MS = 30_000

/** What a session of ours is like; what the url says under `options` comes after it and wins. */
export function sessionConfig(url: string, timeoutMs: number): ClientConfig {
  const parsed = parseUrl(url)
  const settings = {
    TimeZone: 'UTC',
    DateStyle: 'ISO', // the form of ranges follows it
    statement_timeout: timeoutMs,
    // A plan kept for all weeks would lock them all, and so wait for one that is being sealed or dropped.
    plan_cache_mode: 'force_custom_plan',
    // Worth its time for statements of seconds; ours that are dear by the planner's count take milliseconds.
    jit: 'off',
    // What became of a client that vanished: its locks are free within a minute, not after the system's two hours.
    tcp_keepalives_idle: 30,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 3,
    idle_in_transaction_session_timeout: timeoutMs,
  }
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  const own = parsed.searchParams.get('options')
  parsed.searchParams.delete('options')
  // As libpq means it: pg 8 takes `require` for `verify-full` (https://node-postgres.com/features/ssl).
  if (parsed.searchParams.has('sslmode')) parsed.searchParams.set('uselibpqcompat', 'true')
  return {
    connectionString: parsed.href,
    application_name: 'fullon-ohlcv',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    options: [...options, ...(own ? [own] : [])].join(' '),
  }
}

/** Neither the url nor Node's error, which quotes it, is shown: it may hold a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return url
  throw new TypeError(`openOhlcv url: expected postgres://user@host:port/database, got ${url?.protocol ?? 'no URL'}`)
}

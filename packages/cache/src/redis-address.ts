import type { RedisOptions } from 'ioredis'

/** Where Redis is, without what must stay secret. */
export interface RedisAddress {
  /** For messages, such as `redis at 127.0.0.1:6379`. */
  readonly name: string
  /** Texts that must never be shown. */
  readonly secrets: readonly string[]
}

type AddressOptions = Pick<RedisOptions, 'host' | 'port' | 'name' | 'sentinels' | 'password' | 'sentinelPassword'>

/** @throws TypeError that does not quote the URL, which may hold a password. */
export function parseRedisAddress(url: string | undefined, options: AddressOptions): RedisAddress {
  const { hostname, port, password } = url === undefined ? { hostname: '', port: '', password: '' } : parseUrl(url)
  const { sentinels, name, host = hostname } = options
  return {
    name: sentinels
      ? `redis ${name} of sentinels`
      : `redis at ${host || 'localhost'}:${options.port ?? (port || 6379)}`,
    // As written and as sent.
    secrets: [password, decodeURIComponent(password), options.password, options.sentinelPassword].filter(
      (secret) => typeof secret === 'string' && secret !== '',
    ) as string[], // cast: as filtered
  }
}

function parseUrl(url: string): URL {
  try {
    const parsed = new URL(url)
    decodeURIComponent(parsed.password) // throws when it is not encoded
    if (parsed.protocol === 'redis:' || parsed.protocol === 'rediss:') return parsed
  } catch {
    // Node's error holds the URL: it is replaced by the one below.
  }
  throw new TypeError(
    'url: expected redis://[user[:password]@]host[:port][/database] or rediss://…, got something else (not shown: it may hold a password)',
  )
}

type Environment = Readonly<Record<string, string | undefined>>

export interface DatabaseUrls {
  /** `DATABASE_URL`, else from `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD`, `DB_NAME`. */
  readonly databaseUrl?: string | undefined
  /** `OHLCV_DATABASE_URL`, else `DB_OHLCV_NAME` on the same server; absent where market data share the database. */
  readonly ohlcvUrl?: string | undefined
}

/** Reads fullon's environment as it is; the URLs win over its parts. */
export function databaseUrlsFrom(env: Environment): DatabaseUrls {
  const ohlcvName = env.DB_OHLCV_NAME
  return {
    databaseUrl: env.DATABASE_URL || fromParts(env, env.DB_NAME || 'fullon'),
    ohlcvUrl: env.OHLCV_DATABASE_URL || (ohlcvName ? fromParts(env, ohlcvName) : undefined),
  }
}

function fromParts(env: Environment, database: string): string | undefined {
  if (!env.DB_HOST) return undefined
  const url = new URL(`postgres://${hostOf(env.DB_HOST)}:${env.DB_PORT || 5432}/${encodeURIComponent(database)}`)
  url.username = encodeURIComponent(env.DB_USER || 'postgres')
  url.password = encodeURIComponent(env.DB_PASSWORD || '')
  return url.href
}

/** As a URL has it: a name, an address of either kind, or the folder of a socket. */
function hostOf(host: string): string {
  if (host.startsWith('/')) return encodeURIComponent(host)
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

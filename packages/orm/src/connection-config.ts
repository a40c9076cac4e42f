import { Client, type ClientConfig } from 'pg'
import type { WatchLogger } from './watch/watch-changes.js'

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`; what it leaves out is taken as libpq does. */
  readonly url: string
  /** Default: 5. */
  readonly maxConnections?: number
  /** How long to wait for a connection, a new one or one that is in use. Default: 10,000. */
  readonly connectTimeoutMs?: number
  /** How long to wait for the answer to a statement before the connection is given up. Default: 60,000. */
  readonly statementTimeoutMs?: number
  /** How long a database that is not there yet is waited for when it is opened. Default: 0. */
  readonly waitMs?: number | undefined
  /** Ends the waiting, with its reason. */
  readonly signal?: AbortSignal | undefined
  /** Is told while a database is waited for. */
  readonly logger?: WatchLogger | undefined
}

/** @internal */
export interface ConnectionConfig extends ClientConfig {
  readonly connectionTimeoutMillis: number
}

/**
 * @throws TypeError when `url` is not that of a Postgres database; nothing is sent yet.
 *
 * @internal
 */
export function toConnectionConfig({ url, connectTimeoutMs = 10_000 }: DatabaseOptions): ConnectionConfig {
  return {
    connectionString: withLibpqModes(parseUrl(url)).href,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: '@fullon/orm',
    keepAlive: true, // else nothing notices a server that vanished without closing
  }
}

/**
 * The database for messages: host, port and name, no user and no password.
 *
 * @internal
 */
export function describeTarget(config: ConnectionConfig): string {
  const { host, port, database } = new Client(config) // connects to nothing; it knows libpq's defaults
  return `${host.startsWith('/') ? host : `${host}:${port}`}/${database}`
}

/** The URL is not quoted, and Node's error, which does, is not kept: it may hold a password. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return url
  const got = url?.protocol ?? 'no URL'
  throw new TypeError(`DatabaseContext.open url: expected postgres://user@host:port/database, got ${got}`)
}

/**
 * `sslmode` as libpq means it: pg 8 takes `require` for `verify-full` and warns that it will not for long
 * (https://node-postgres.com/features/ssl#ssl-mode-support).
 */
function withLibpqModes(url: URL): URL {
  if (url.searchParams.has('sslmode')) url.searchParams.set('uselibpqcompat', 'true')
  return url
}

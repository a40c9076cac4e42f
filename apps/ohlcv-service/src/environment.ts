import { redisUrlFrom } from '@fullon/cache'
import { defaultDataDir, openEmbeddedPostgres } from '@fullon/embedded'
import { readCcxtOptions } from '@fullon/exchange'
import { databaseUrlsFrom } from '@fullon/orm'
import type { ServiceOptions } from './run-service.js'

/** The part of {@link ServiceOptions} that a deployment sets. */
export interface ServiceSettings
  extends Pick<ServiceOptions, 'ohlcvUrl' | 'redisUrl' | 'adminMail' | 'ccxtOptions' | 'http'> {
  /** Absent: the embedded Postgres under `dataDir`. */
  readonly databaseUrl?: string | undefined
  readonly dataDir: string
  /** How long a clean end may take. */
  readonly shutdownMs: number
}

/** @throws RangeError for a value that is not accepted. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ServiceSettings {
  return {
    ...databaseUrlsFrom(env),
    redisUrl: redisUrlFrom(env),
    adminMail: env.ADMIN_MAIL || undefined,
    ccxtOptions: env.FULLON_CCXT_OPTIONS ? readCcxtOptions(env.FULLON_CCXT_OPTIONS) : {},
    http: { host: env.HTTP_HOST || undefined, port: parseWhole('HTTP_PORT', env.HTTP_PORT || '8080', 65_535) },
    dataDir: defaultDataDir(env),
    shutdownMs: parseWhole('SHUTDOWN_MS', env.SHUTDOWN_MS || '10000', 3_600_000),
  }
}

/** The database to use: the configured one, or the embedded Postgres, which lives as long as the result is open. */
export async function openDatabaseUrl({
  databaseUrl,
  dataDir,
}: Pick<ServiceSettings, 'databaseUrl' | 'dataDir'>): Promise<{ readonly url: string } & AsyncDisposable> {
  if (!databaseUrl) return openEmbeddedPostgres({ dataDir })
  return { url: databaseUrl, [Symbol.asyncDispose]: () => Promise.resolve() }
}

function parseWhole(name: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new RangeError(`${name}: expected a whole number from 0 to ${most}, got ${JSON.stringify(text)}`)
}

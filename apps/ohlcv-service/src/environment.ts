import { redisUrlFrom } from '@fullon/cache'
import { monitorAddressFrom, parseWhole, shardsFrom } from '@fullon/daemon'
import { defaultDataDir, openEmbeddedPostgres } from '@fullon/embedded'
import { readCcxtOptions } from '@fullon/exchange'
import type { Logger } from '@fullon/log'
import { databaseUrlsFrom } from '@fullon/orm'
import type { ServiceOptions } from './run-service.js'

/** The part of {@link ServiceOptions} that a deployment sets. */
export interface ServiceSettings extends Partial<Omit<ServiceOptions, 'databaseUrl' | 'log'>> {
  readonly databaseUrl?: string | undefined
  /** Of the embedded Postgres, which is used when there is no `databaseUrl`. */
  readonly dataDir: string
}

/** @throws RangeError for a value that is not accepted. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ServiceSettings {
  return {
    ...databaseUrlsFrom(env),
    redisUrl: redisUrlFrom(env),
    adminMail: env.ADMIN_MAIL || undefined,
    ccxtOptions: env.FULLON_CCXT_OPTIONS ? readCcxtOptions(env.FULLON_CCXT_OPTIONS) : {},
    http: monitorAddressFrom(env),
    shards: shardsFrom(env),
    waitMs: parseWhole('STARTUP_WAIT_MS', env.STARTUP_WAIT_MS || '10000', 86_400_000),
    dataDir: defaultDataDir(env),
  }
}

/** The database to use: the configured one, or the embedded Postgres, which lives as long as the result is open. */
export async function openDatabaseUrl({
  databaseUrl,
  dataDir,
  log,
}: Pick<ServiceSettings, 'databaseUrl' | 'dataDir'> & { readonly log?: Logger }): Promise<
  { readonly url: string } & AsyncDisposable
> {
  if (!databaseUrl) return openEmbeddedPostgres({ dataDir, ...(log && { logger: log }) })
  return { url: databaseUrl, [Symbol.asyncDispose]: () => Promise.resolve() }
}

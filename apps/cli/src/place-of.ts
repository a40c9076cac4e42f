import type { ServiceSettings } from '@fullon/ohlcv-service'

/** Where the database is, for a person: without user and password. */
export function placeOf({ databaseUrl, dataDir }: Pick<ServiceSettings, 'databaseUrl' | 'dataDir'>): string {
  if (!databaseUrl) return `embedded, in ${dataDir}`
  const { host, pathname } = new URL(databaseUrl)
  return `${decodeURIComponent(host)}${pathname}` // a socket's folder comes encoded
}

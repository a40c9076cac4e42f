import type { ServiceSettings } from '@fullon/ohlcv-service'

/** What a service that listens on all addresses is reached by. */
const REACHED_BY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Where a service with these settings answers over HTTP, seen from its own machine. */
export function serviceAddress({ http }: Pick<ServiceSettings, 'http'>): string {
  const { host = '127.0.0.1', port = 8080 } = http ?? {}
  const reached = REACHED_BY[host] ?? host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

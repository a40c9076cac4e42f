import { openCache, ProcessCache } from '@fullon/cache'
import { doingOf } from '@fullon/daemon'
import type { EpochMs } from '@fullon/market'
import type { SeriesStatus } from '@fullon/ohlcv'
import { CommandError } from './command-error.js'

/** What one collector says of itself. */
export interface SeenSeries {
  /** Such as `kraken BTC/USD trades`. */
  readonly name: string
  /** `filling`, `idle, live`, or what is wrong. */
  readonly doing: string
  readonly lastTimestamp?: EpochMs | undefined
  readonly gaps?: number | undefined
  /** How far it is behind, or how long ago it gave a sign of life; milliseconds. */
  readonly lagMs?: number | undefined
}

export interface SeenStatus {
  readonly healthy: boolean
  /** Who said so. */
  readonly source: string
  readonly series: readonly SeenSeries[]
}

const TIMEOUT_MS = 5_000

/** @throws CommandError when no service answers at `url` */
export async function readHttpStatus(url: string): Promise<SeenStatus> {
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { ok: response.ok, body: (await response.json()) as unknown }
  }
  try {
    const health = await get('/health')
    const rows = (await get('/status')).body as (SeriesStatus & { readonly lagMs: number })[] // cast: the service's own
    const series = rows.map(({ exchange, symbol, kind, lastTimestamp, gaps, lagMs, ...rest }) => ({
      name: `${exchange} ${symbol} ${kind}`,
      doing: doingOf(rest),
      ...{ lastTimestamp, gaps, lagMs },
    }))
    return { healthy: health.ok, source: url, series }
  } catch (cause) {
    throw new CommandError(`status: expected a service that answers at ${url} (is it running? start it: fullon run)`, {
      cause,
    })
  }
}

/** @throws CacheError when Redis is not to be had */
export async function readRedisStatus(url: string): Promise<SeenStatus> {
  await using cache = await openCache({ url })
  const processes = new ProcessCache(cache)
  const { healthy } = await processes.getSystemHealth()
  const active = await processes.getActiveProcesses({ type: 'ohlcv', sinceMinutes: 24 * 60 })
  const series = active.map(({ component, status, message, params, heartbeat }) => ({
    name: nameOf(component),
    doing: message || status,
    lastTimestamp: numberOf(params.lastTimestamp),
    gaps: numberOf(params.gaps),
    lagMs: numberOf(params.lagMs) ?? cache.clock.now() - heartbeat,
  }))
  return { healthy, source: 'Redis', series: series.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/** `ohlcv:<exchange>:<symbol>`, and with `:trades` that of its trades; the daemon's own stays as it is. */
function nameOf(component: string): string {
  const [, exchange, symbol, trades] = /^ohlcv:([^:]+):(.+?)(:trades)?$/.exec(component) ?? []
  return exchange && symbol ? `${exchange} ${symbol} ${trades ? 'trades' : 'candles'}` : component
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

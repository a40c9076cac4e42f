import { openCache, type Process, ProcessCache } from '@fullon/cache'
import { doingOf, HEALTHY_LAG_MS, marketOf } from '@fullon/daemon'
import type { EpochMs } from '@fullon/market'
import type { SeriesStatus } from '@fullon/ohlcv'
import { CommandError } from './command-error.js'
import { formatDuration } from './format-time.js'

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
  /** What there is to say besides. */
  readonly note?: string
}

const TIMEOUT_MS = 5_000
const DAY_MINUTES = 24 * 60

/** @throws CommandError when no service answers at `url` */
export async function readHttpStatus(url: string): Promise<SeenStatus> {
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { ok: response.ok, body: (await response.json()) as unknown }
  }
  try {
    const health = await get('/health')
    const rows = (await get('/status')).body as (SeriesStatus & { readonly lagMs: number })[] // cast: the service's own
    const series = rows.map((one) => ({
      name: `${marketOf(one)} ${one.symbol} ${one.kind}`,
      doing: doingOf(one),
      ...{ lastTimestamp: one.lastTimestamp, gaps: one.gaps, lagMs: one.lagMs },
    }))
    return { healthy: health.ok, source: url, series }
  } catch (cause) {
    throw new CommandError(`status: expected a service that answers at ${url} (is it running? start it: fullon run)`, {
      cause,
    })
  }
}

/**
 * As `/health` judges, of all who collect: none is behind, and none is silent. fullon's other processes are not asked.
 *
 * @throws CacheError when Redis is not to be had
 */
export async function readRedisStatus(url: string): Promise<SeenStatus> {
  await using cache = await openCache({ url })
  const active = await new ProcessCache(cache).getActiveProcesses({ type: 'ohlcv', sinceMinutes: DAY_MINUTES })
  const silentMs = ({ heartbeat }: Process) => cache.clock.now() - heartbeat
  const isSilent = (one: Process) => silentMs(one) > HEALTHY_LAG_MS
  // One that was killed and started again is not missed.
  const isReplaced = (one: Process) =>
    active.some((other) => other.component === one.component && other.createdAt > one.createdAt)
  const series = active
    .filter((one) => !(isSilent(one) && isReplaced(one)))
    .map((one) => ({
      name: nameOf(one.component),
      doing: isSilent(one) ? `no sign of life for ${formatDuration(silentMs(one))}` : one.message || one.status,
      lastTimestamp: numberOf(one.params.lastTimestamp),
      gaps: numberOf(one.params.gaps),
      lagMs: isSilent(one) ? silentMs(one) : (numberOf(one.params.lagMs) ?? 0),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const healthy = series.length > 0 && series.every(({ lagMs }) => lagMs <= HEALTHY_LAG_MS)
  const note = 'no service has reported for a day (is it running, with this Redis? start it: fullon run)'
  return { healthy, source: 'Redis', series, ...(series.length > 0 ? {} : { note }) }
}

/** `ohlcv:<exchange>:<symbol>`, and with `:trades` that of its trades; the daemon's own stays as it is. */
function nameOf(component: string): string {
  const [, exchange, symbol, trades] = /^ohlcv:([^:]+):(.+?)(:trades)?$/.exec(component) ?? []
  return exchange && symbol ? `${exchange} ${symbol} ${trades ? 'trades' : 'candles'}` : component
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@fullon/market'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { type ExchangeReport, renderMetrics } from './metrics.js'
import { parseWhole } from './run-daemon.js'
import { lagMs, type SeriesReport } from './series-report.js'

export interface MonitorAddress {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  /** 0 = any free one. */
  readonly port: number
}

export interface MonitorSources {
  /** Why the service is not ready, in a sentence; undefined when it is. */
  readonly problem: () => Promise<string | undefined>
  readonly series: () => readonly SeriesReport[]
  readonly exchanges: () => readonly ExchangeReport[]
  readonly clock: Clock
}

export interface Monitor extends AsyncDisposable {
  readonly url: string
}

/** `HTTP_HOST` and `HTTP_PORT`, 8080 by default. @throws RangeError for a port that is none. */
export function monitorAddressFrom(env: Readonly<Record<string, string | undefined>>): MonitorAddress {
  return { host: env.HTTP_HOST || undefined, port: parseWhole('HTTP_PORT', env.HTTP_PORT || '8080', 65_535) }
}

/** A live series may be behind the present for this long before `/health` says so: a few reconnects. */
export const HEALTHY_LAG_MS = 300_000

// Whoever asks does not wait for long, and a database that hangs would.
const READY_MS = 3_000

/**
 * Answers `/live`, `/ready`, `/health`, `/status` and `/metrics`, for orchestrators, monitors and people.
 *
 * @throws Error when the address is taken or not this machine's.
 */
export async function serveMonitor(
  sources: MonitorSources,
  { host = '127.0.0.1', port }: MonitorAddress,
): Promise<Monitor> {
  const server = serve({ fetch: routesOf(sources).fetch, hostname: host, port })
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo // cast: it listens on a port, not on a pipe
  const closed = once(server, 'close')
  const close = async () => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    await closed
  }
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${actual}`, [Symbol.asyncDispose]: close }
}

function routesOf({ problem, series, exchanges, clock }: MonitorSources): Hono {
  const ofProcess = new Registry()
  collectDefaultMetrics({ register: ofProcess, prefix: 'fullon_' })
  const withLag = () => series().map((one) => ({ ...one, lagMs: lagMs(one, clock.now()) }))
  const look = onceAtATime(problem)
  const app = new Hono()
  app.get('/live', (c) => c.text('live\n'))
  app.get('/ready', async (c) => {
    const why = await look()
    return c.text(`${why ?? 'ready'}\n`, why ? 503 : 200)
  })
  app.get('/health', (c) => {
    const late = withLag().filter((one) => one.lagMs > HEALTHY_LAG_MS)
    return c.json({ healthy: late.length === 0, late }, late.length === 0 ? 200 : 503)
  })
  app.get('/status', (c) => c.json(withLag()))
  app.get('/metrics', async (c) => {
    const own = await renderMetrics(series(), exchanges(), clock.now())
    return c.body(`${own}\n${await ofProcess.metrics()}`, 200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE })
  })
  return app
}

/** Asks again when there was an answer, however many ask meanwhile; silence is an answer, too. */
function onceAtATime(problem: MonitorSources['problem']): MonitorSources['problem'] {
  let asking: Promise<string | undefined> | undefined
  return async () => {
    asking ??= problem().finally(() => {
      asking = undefined
    })
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, READY_MS, `no answer within ${READY_MS / 1000} s`)
    })
    return Promise.race([asking, silence]).finally(() => clearTimeout(timer))
  }
}

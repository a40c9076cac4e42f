import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@fullon/market'
import type { DatabaseContext } from '@fullon/orm'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { renderMetrics } from './metrics.js'
import { lagMs } from './status.js'
import type { Supervisor } from './supervisor.js'

export interface HttpOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  /** 0 = any free one. */
  readonly port: number
}

interface HttpSources {
  readonly supervisor: Supervisor
  readonly db: DatabaseContext
  readonly clock: Clock
}

/** A live series may be behind the present for this long before `/health` says so: a few reconnects. */
export const HEALTHY_LAG_MS = 300_000

/** `/live`, `/ready`, `/health`, `/status` and `/metrics`, for orchestrators, monitors and people. */
export async function serveHttp(
  { supervisor, db, clock }: HttpSources,
  { host = '127.0.0.1', port }: HttpOptions,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const databaseProblem = () =>
    db.exchanges.getCatExchanges().then(
      () => undefined,
      (err) => `the database cannot be reached: ${err.message}`,
    )
  const app = new Hono()
  app.get('/live', (c) => c.text('live\n'))
  app.get('/ready', async (c) => {
    const problem = supervisor.configured ? await databaseProblem() : 'the configuration has not been read'
    return c.text(`${problem ?? 'ready'}\n`, problem ? 503 : 200)
  })
  app.get('/health', (c) => {
    const late = supervisor.status().filter((status) => lagMs(status, clock.now()) > HEALTHY_LAG_MS)
    return c.json({ healthy: late.length === 0, late }, late.length === 0 ? 200 : 503)
  })
  app.get('/status', (c) =>
    c.json(supervisor.status().map((status) => ({ ...status, lagMs: lagMs(status, clock.now()) }))),
  )
  app.get('/metrics', async (c) =>
    c.body(await renderMetrics(supervisor, clock), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  )
  const server = serve({ fetch: app.fetch, hostname: host, port })
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo // cast: it listens on a port, not on a pipe
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    await closed
  }
  return { url: `http://${host}:${actual}`, [Symbol.asyncDispose]: close }
}

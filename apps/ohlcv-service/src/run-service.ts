import { openCache, reportProcesses } from '@fullon/cache'
import { type MonitorAddress, serveMonitor, toProcesses } from '@fullon/daemon'
import { ExchangeQueue, type ExchangeQueueOptions } from '@fullon/exchange'
import type { Logger } from '@fullon/log'
import { type Clock, systemClock } from '@fullon/market'
import { holdShards, maintain, openOhlcv, type SeriesStatus } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import { Supervisor } from './supervisor.js'

export interface ServiceOptions {
  /** Where users, exchanges and symbols are. */
  readonly databaseUrl: string
  /** Where candles and trades go. Default: the same database. */
  readonly ohlcvUrl?: string | undefined
  /** Without it health and newest candles stay in this process. */
  readonly redisUrl?: string | undefined
  /** Whose exchanges are collected. Default: the first admin's. */
  readonly adminMail?: string | undefined
  readonly ccxtOptions?: ExchangeQueueOptions['ccxtOptions']
  /** Where to answer monitors; nowhere without it. */
  readonly http?: MonitorAddress | undefined
  /** Divides the series into `count` parts among processes; this one takes at most `max`. Default: it has them all. */
  readonly shards?: { readonly count: number; readonly max?: number } | undefined
  /** How long a database that is not there yet is waited for, milliseconds. Default 0. */
  readonly waitMs?: number | undefined
  /** Stops it, as `close` does. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
  readonly log: Logger
  /** How far the audit may lag behind, milliseconds. Default one hour: about one request a candle series an hour. */
  readonly auditEveryMs?: number
}

export interface Service extends AsyncDisposable {
  /** What each collector is doing right now. */
  status(): readonly SeriesStatus[]
  /** Settles when the service has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Stops collecting, saves what it holds and closes every connection. */
  close(): Promise<void>
}

/** Starts the daemon; resolves once it is connected and collecting. */
export async function runService(options: ServiceOptions): Promise<Service> {
  const stop = new AbortController()
  const onAbort = () => stop.abort(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted) onAbort() // told while the database was being started
  let ended: Promise<void> = Promise.resolve()
  const supervisor = await new Promise<Supervisor>((resolve, reject) => {
    ended = serve(options, stop, resolve).finally(() => options.signal?.removeEventListener('abort', onAbort))
    ended.catch(reject)
  })
  const close = () => {
    stop.abort()
    return ended
  }
  return { status: () => supervisor.status(), ended, close, [Symbol.asyncDispose]: close }
}

/** Holds everything open until `stop` aborts; what is opened last closes first. */
async function serve(options: ServiceOptions, stop: AbortController, onReady: (supervisor: Supervisor) => void) {
  const { databaseUrl, ohlcvUrl = databaseUrl, redisUrl, ccxtOptions = {}, http, shards, waitMs, log } = options
  const { clock = systemClock, random = Math.random, auditEveryMs = 3_600_000 } = options
  const { signal } = stop
  const waiting = { waitMs, signal, logger: log }
  await using db = await DatabaseContext.open({ url: databaseUrl, ...waiting })
  await using ohlcv = await openOhlcv({ url: ohlcvUrl, ...waiting })
  await using cache = await openCache({ url: redisUrl, clock, logger: log })
  await using queue = new ExchangeQueue({ ccxtOptions, clock, random })
  const supervisor = new Supervisor({ ...options, db, ohlcv, cache, queue, clock, random, auditEveryMs })
  const [series, exchanges] = [() => supervisor.status(), () => queue.reports()]
  const sources = { series, exchanges, problem: () => supervisor.problem(), clock }
  await using monitor = http && (await serveMonitor(sources, http))
  if (monitor) log.info({ url: monitor.url }, 'answering /live /ready /health /status /metrics')
  onReady(supervisor)
  const loop = { clock, signal, logger: log }
  const onHeld = (held: readonly number[]) => supervisor.hold(held)
  const tasks = [
    supervisor.run(signal),
    reportProcesses({ cache, processes: () => toProcesses(series(), clock.now()), ...loop }),
    maintain(ohlcv, { keepMs: (one) => supervisor.keepMs(one), ...loop }),
    shards && holdShards({ url: ohlcvUrl, ...shards, onHeld, ...loop }),
  ]
  try {
    await Promise.all(tasks)
  } finally {
    stop.abort() // one that failed ends them all
    await Promise.allSettled(tasks)
  }
}

import { openCache, reportProcesses } from '@fullon/cache'
import { type MonitorAddress, type Serving, serveMonitor, startServing, toProcesses } from '@fullon/daemon'
import { ExchangeQueue, type ExchangeQueueOptions } from '@fullon/exchange'
import type { Logger } from '@fullon/log'
import { type Clock, systemClock } from '@fullon/market'
import { holdShards, maintain, openOhlcv, Publisher, type SeriesStatus } from '@fullon/ohlcv'
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

export interface Service extends Serving {
  /** What each collector is doing right now. */
  status(): readonly SeriesStatus[]
}

/** Starts the daemon; resolves once it is connected and collecting. Closing it saves what it holds. */
export async function runService(options: ServiceOptions): Promise<Service> {
  const serving = await startServing<Supervisor>((stop, onReady) => serve(options, stop, onReady), options.signal)
  return { ...serving, status: () => serving.ready.status() }
}

/** Holds everything open until `stop` aborts; what is opened last closes first. */
async function serve(options: ServiceOptions, stop: AbortController, onReady: (supervisor: Supervisor) => void) {
  const { databaseUrl, ohlcvUrl = databaseUrl, redisUrl, ccxtOptions = {}, http, shards, waitMs, log } = options
  const { clock = systemClock, random = Math.random, auditEveryMs = 3_600_000 } = options
  const loop = { clock, signal: stop.signal, logger: log }
  let [supervisor, failure]: [Supervisor?, unknown?] = []
  const series = () => supervisor?.status() ?? []
  const problem = async () => (supervisor ? supervisor.problem() : 'the databases are not there yet')
  await using queue = new ExchangeQueue({ ccxtOptions, clock, random })
  const sources = { series, exchanges: () => queue.reports(), problem, clock }
  await using monitor = http && (await serveMonitor(sources, http)) // answers while the databases are waited for
  if (monitor) log.info({ url: monitor.url }, 'answering /live /ready /health /status /metrics')
  await using db = await DatabaseContext.open({ url: databaseUrl, waitMs, ...loop })
  await using ohlcv = await openOhlcv({ url: ohlcvUrl, waitMs, ...loop })
  await using cache = await openCache({ url: redisUrl, clock, logger: log })
  const onBroken = (err: unknown) => {
    failure = err
    stop.abort()
  }
  const shared = { db, ohlcv, cache, queue, clock, random, auditEveryMs, publisher: new Publisher(loop), onBroken }
  const own = new Supervisor({ ...options, ...shared })
  supervisor = own
  onReady(own)
  const tasks = [
    own.run(stop.signal),
    reportProcesses({ cache, processes: () => toProcesses(series(), clock.now()), ...loop }),
    maintain(ohlcv, { keepMs: (one) => own.keepMs(one), ...loop }),
    shards && holdShards({ url: ohlcvUrl, ...shards, onHeld: (held) => own.hold(held), ...loop }),
  ]
  try {
    await Promise.all(tasks)
    if (failure) throw failure
  } finally {
    stop.abort() // one that failed ends them all
    await Promise.allSettled(tasks)
  }
}

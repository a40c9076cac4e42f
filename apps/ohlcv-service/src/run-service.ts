import { openCache } from '@fullon/cache'
import { ExchangeQueue, type ExchangeQueueOptions } from '@fullon/exchange'
import { type Clock, systemClock } from '@fullon/market'
import { openOhlcv } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import type { Log } from './collect.js'
import { type HttpOptions, serveHttp } from './http-server.js'
import { reportHealth } from './report-health.js'
import type { SeriesStatus } from './status.js'
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
  readonly http?: HttpOptions | undefined
  readonly clock?: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
  readonly log: Log
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
  let ended: Promise<void> = Promise.resolve()
  const supervisor = await new Promise<Supervisor>((resolve, reject) => {
    ended = serve(options, stop.signal, resolve)
    ended.catch(reject)
  })
  const close = () => {
    stop.abort()
    return ended
  }
  return { status: () => supervisor.status(), ended, close, [Symbol.asyncDispose]: close }
}

/** Holds everything open until `signal` aborts; what is opened last closes first. */
async function serve(options: ServiceOptions, signal: AbortSignal, onReady: (supervisor: Supervisor) => void) {
  const { databaseUrl, ohlcvUrl = databaseUrl, redisUrl, adminMail, ccxtOptions = {}, http, log } = options
  const { clock = systemClock, random = Math.random, auditEveryMs = 3_600_000 } = options
  await using db = await DatabaseContext.open({ url: databaseUrl })
  await using ohlcv = await openOhlcv({ url: ohlcvUrl })
  await using cache = await openCache({ url: redisUrl, clock, logger: log })
  await using queue = new ExchangeQueue({ ccxtOptions, clock, random })
  const supervisor = new Supervisor({ db, ohlcv, cache, queue, adminMail, clock, random, log, auditEveryMs })
  await using server = http && (await serveHttp({ supervisor, db, clock }, http))
  if (server) log.info({ url: server.url }, 'answering /live /ready /health /status /metrics')
  onReady(supervisor)
  await Promise.all([
    supervisor.run(signal),
    reportHealth({ cache, status: () => supervisor.status(), clock, log, signal }),
  ])
}

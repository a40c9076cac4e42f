import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openPrivatePostgres, type PrivatePostgres } from '@fullon/embedded'
import type { EpochMs } from '@fullon/market'
import { createSeededMarket, createSimulatedClock, type Simulator, startSimulator } from '@fullon/simulator'
import { RedisServer } from './redis-server.js'
import type { Scenario } from './scenario.js'
import { ServiceProcess } from './service-process.js'
import { SmallDisk } from './small-disk.js'

export interface StageOptions {
  readonly scenario: Scenario
  /** Simulated time for real time. */
  readonly speed: number
  /** A folder of the run's own. */
  readonly folder: string
  readonly onProblem: (problem: string) => void
}

/** All that a run consists of, real but for the exchanges and the time. */
export interface Stage extends AsyncDisposable {
  readonly postgres: PrivatePostgres
  /** Undefined where the machine cannot have one. */
  readonly disk: SmallDisk | undefined
  readonly redis: RedisServer | undefined
  readonly simulators: ReadonlyMap<string, Simulator>
  readonly services: readonly ServiceProcess[]
  readonly speed: number
  now(): EpochMs
  sleep(delayMs: number): Promise<void>
}

/** The disk is small. */
const SETTINGS = ['max_wal_size=96MB']
/** Real time: longer than any outage. */
const WAIT_MS = 120_000

export async function openStage({ scenario, speed, folder, onProblem }: StageOptions): Promise<Stage> {
  await using opening = new Closing()
  const path = join(folder, 'disk')
  const disk = opening.use(SmallDisk.open(path))
  mkdirSync(path, { recursive: true })
  const postgres = opening.use(await openPrivatePostgres({ dataDir: join(path, 'postgres'), settings: SETTINGS }))
  const redis = opening.use(await RedisServer.open())
  // From here on time passes.
  const timing = { start: scenario.start, speed, startedAt: Date.now() }
  const clock = createSimulatedClock(timing)
  const simulators = new Map<string, Simulator>()
  for (const { exchange, symbols, ...rest } of scenario.exchanges) {
    const market = createSeededMarket({ ...scenario, since: scenario.marketSince, symbols })
    simulators.set(exchange, opening.use(await startSimulator({ ...rest, market, clock, protocols: [exchange] })))
  }
  const ccxtOptions = Object.assign({}, ...[...simulators.values()].map((simulator) => simulator.ccxtOptions))
  const { shards } = scenario
  const service = { databaseUrl: postgres.url, redisUrl: redis?.url, ccxtOptions, shards, waitMs: WAIT_MS }
  const services = Array.from({ length: scenario.replicas }, (_, index) => {
    const logFile = join(folder, `service-${index}.log`)
    return new ServiceProcess({ service, clock: timing, logFile }, onProblem)
  })
  for (const one of services) opening.use({ [Symbol.asyncDispose]: () => one.end('SIGKILL') })
  const opened = opening.move()
  return {
    ...{ postgres, disk, redis, simulators, services, speed },
    now: () => clock.now(),
    sleep: (delayMs) => clock.sleep(delayMs),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

/** What was opened, closed from the last to the first unless it was handed on. AsyncDisposableStack is not in Node 20. */
class Closing implements AsyncDisposable {
  #opened: AsyncDisposable[] = []

  use<T extends AsyncDisposable | undefined>(opened: T): T {
    if (opened) this.#opened.push(opened)
    return opened
  }

  move(): Closing {
    const moved = new Closing()
    moved.#opened = this.#opened
    this.#opened = []
    return moved
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened.splice(0).reverse()) await opened[Symbol.asyncDispose]()
  }
}

import postgres from 'postgres'
import type { Configured } from './configured.js'
import type { ChaosFault, FaultKind } from './fault-schedule.js'
import { pick } from './random.js'
import type { Pair, Scenario } from './scenario.js'
import type { Stage } from './stage.js'
import { within } from './within.js'

interface Deed {
  /** What is in one state at a time: deeds to it follow one another, others overlap. */
  readonly on: string
  /** Does it, waits for its end and undoes it. */
  run(fault: ChaosFault): Promise<void>
  /** Why this machine cannot do it. */
  readonly impossible?: string | undefined
}

const MINUTE_MS = 60_000

/** Does to the system what a plan of faults says. */
export class ChaosFaults {
  readonly #scenario: Scenario
  readonly #stage: Stage
  readonly #configured: Configured
  readonly #deeds: Readonly<Record<FaultKind, Deed>>
  /** The end of the last deed to each thing. */
  readonly #ends = new Map<string, Promise<void>>()
  /** How often each was done. */
  readonly counts: Record<string, number> = {}
  /** What could not be done here, and why. */
  readonly skipped: Record<string, string> = {}

  constructor(scenario: Scenario, stage: Stage, configured: Configured) {
    this.#scenario = scenario
    this.#stage = stage
    this.#configured = configured
    const noDisk = stage.disk ? undefined : 'takes Linux and root to mount a small disk'
    const noRedis = stage.redis ? undefined : 'takes redis-server on the PATH'
    this.#deeds = {
      kill: { on: 'services', run: (fault) => this.#restart('SIGKILL', fault) },
      terminate: { on: 'services', run: (fault) => this.#restart('SIGTERM', fault) },
      jumpClock: { on: 'clock', run: async ({ draw }) => pick(stage.services, draw).jumpClock(jumpMs(draw)) },
      cutDatabase: { on: 'postgres', run: () => this.#cutDatabase() },
      stopPostgres: { on: 'postgres', run: (fault) => this.#stopPostgres(fault) },
      fillDisk: { on: 'postgres', run: (fault) => this.#fillDisk(fault), impossible: noDisk },
      stopRedis: { on: 'redis', run: (fault) => this.#stopRedis(fault), impossible: noRedis },
      flushRedis: { on: 'redis', run: async () => stage.redis?.flush(), impossible: noRedis },
      addSymbol: { on: 'symbols', run: ({ draw }) => configured.add(this.#pair(draw), 1) },
      extendBacktest: { on: 'symbols', run: ({ draw }) => configured.add(this.#pair(draw), 2) },
      removeSymbol: { on: 'symbols', run: ({ draw }) => configured.remove(this.#pair(draw)) },
      deactivateExchange: { on: 'exchanges', run: (fault) => this.#deactivateExchange(fault) },
    }
  }

  /** Begins a fault; what must not overlap waits for its turn. */
  begin(fault: ChaosFault): void {
    const { kind } = fault
    const { on, run, impossible } = this.#deeds[kind]
    if (impossible) {
      this.skipped[kind] = impossible
      return
    }
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
    const before = this.#ends.get(on) ?? Promise.resolve()
    const end = before.then(() => within(`fault ${kind}`, run(fault), fault.forMs / this.#stage.speed))
    end.catch(() => {}) // thrown by `end`
    this.#ends.set(on, end)
  }

  /** Waits for what has begun; then everything is there and every pair is wanted. */
  async end(): Promise<void> {
    await Promise.all(this.#ends.values())
    for (const pair of this.#scenario.pairs) if (!this.#configured.wanted.has(pair)) await this.#configured.add(pair, 1)
    for (const service of this.#stage.services) service.start()
  }

  #pair(draw: number): Pair {
    return pick(this.#scenario.pairs, draw)
  }

  async #restart(signal: 'SIGKILL' | 'SIGTERM', { draw, forMs }: ChaosFault): Promise<void> {
    const service = pick(this.#stage.services, draw)
    await service.end(signal)
    await this.#stage.sleep(forMs)
    service.start()
  }

  async #cutDatabase(): Promise<void> {
    const sql = postgres(this.#stage.postgres.url, { max: 1, onnotice: () => {} })
    try {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
    } finally {
      await sql.end()
    }
  }

  async #stopPostgres({ forMs }: ChaosFault): Promise<void> {
    await this.#stage.postgres.stop()
    await this.#stage.sleep(forMs)
    await this.#stage.postgres.start()
  }

  /** Where the write-ahead log cannot grow the server ends, and is started once there is room. */
  async #fillDisk({ forMs }: ChaosFault): Promise<void> {
    const { disk, postgres } = this.#stage
    await disk?.fill()
    await this.#stage.sleep(forMs)
    await disk?.free()
    await postgres.start()
  }

  async #stopRedis({ forMs }: ChaosFault): Promise<void> {
    await this.#stage.redis?.stop()
    await this.#stage.sleep(forMs)
    await this.#stage.redis?.start()
  }

  async #deactivateExchange({ draw, forMs }: ChaosFault): Promise<void> {
    const exchange = pick(this.#scenario.exchanges, draw)
    await this.#configured.setActive(exchange, false)
    await this.#stage.sleep(forMs)
    await this.#configured.setActive(exchange, true)
  }
}

/** Seconds mostly, minutes at times; forwards and back. */
function jumpMs(draw: number): number {
  const other = (draw * 1000) % 1 // the draw itself has chosen whose clock
  return Math.round((2 * other - 1) ** 3 * 15 * MINUTE_MS)
}

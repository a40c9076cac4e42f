import { randomUUID } from 'node:crypto'
import { type Broadcasts, parseBroadcast, stringifyBroadcast } from './broadcast.js'
import { CacheError } from './errors.js'
import type { Cache } from './open-cache.js'
import {
  PROCESS_TYPES,
  type Process,
  type ProcessChange,
  type ProcessStatus,
  type ProcessType,
  toIsoTime,
  toProcess,
} from './process-record.js'
import { ProcessStore } from './process-store.js'
import { buildSystemHealth, type SystemHealth } from './system-health.js'
import { type WatchOptions, watchChannel } from './watch-channel.js'

const MINUTE_MS = 60_000
const TIDY_EVERY_MS = 60 * MINUTE_MS
// Each attempt loses only to a write that succeeded in the milliseconds since its read.
const MOST_ATTEMPTS = 10

export interface NewProcess {
  readonly type: ProcessType
  /** Such as `kraken:BTC/USD`. */
  readonly component: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly message?: string | undefined
  /** `starting` by default. */
  readonly status?: ProcessStatus | undefined
}

export interface ProcessUpdate extends ProcessChange {
  readonly id: string
}

export interface ProcessFilter {
  readonly type?: ProcessType | undefined
  readonly component?: string | undefined
  /** How old the heartbeat may be; 5 by default. */
  readonly sinceMinutes?: number | undefined
}

export interface StaleOptions {
  /** How old a heartbeat may be. */
  readonly staleMinutes?: number | undefined
}

/** Who is running and how they are, in the key layout of Python's fullon_cache. Errors: {@link CacheError}. */
export class ProcessCache {
  readonly #cache: Cache
  readonly #store: ProcessStore
  readonly #newId: () => string
  #tidiedAt = Number.NEGATIVE_INFINITY

  constructor(cache: Cache, { newId = randomUUID }: { readonly newId?: () => string } = {}) {
    this.#cache = cache
    this.#store = new ProcessStore(cache)
    this.#newId = newId
  }

  /** Gives the id of the process, which is from now on the one of its component. */
  async registerProcess({ type, component, params = {}, message, status = 'starting' }: NewProcess): Promise<string> {
    assertType(type)
    await this.#tidy()
    const now = toIsoTime(this.#cache.clock.now())
    const id = `${type}:${component}:${this.#newId()}`
    await this.#store.add({
      process_id: id,
      process_type: type,
      component,
      params,
      status,
      message: message ?? `Process ${component} registered`,
      created_at: now,
      updated_at: now,
      heartbeat: now,
    })
    return id
  }

  /** @throws CacheError `NOT_FOUND` when the process is unknown or its data expired: register again. */
  async updateProcess(id: string, change: ProcessChange = {}): Promise<void> {
    const [missing] = await this.updateProcesses([{ ...change, id }])
    if (missing !== undefined)
      throw new CacheError(
        'NOT_FOUND',
        `process ${missing}: expected one registered within a day, got none (register it again)`,
      )
  }

  /**
   * Any number of updates in two round trips, a read and a write. None overwrites what another
   * program changed meanwhile: only the updates that met such a change are repeated.
   *
   * @returns the ids that do not exist (any more) or cannot be read; the others are updated.
   * @throws CacheError `CONFLICT` when others kept changing the same processes.
   */
  async updateProcesses(updates: readonly ProcessUpdate[]): Promise<string[]> {
    const missing: string[] = []
    let pending = updates
    for (let attempt = 0; pending.length > 0; attempt++) {
      if (attempt === MOST_ATTEMPTS)
        throw new CacheError(
          'CONFLICT',
          `process ${pending[0]?.id}: expected no more than ${MOST_ATTEMPTS - 1} changes by others during an update`,
        )
      const processes = await this.#store.list(pending.map(({ id }) => id))
      const found = pending.flatMap((update, index) => {
        const process = processes[index]
        if (process) return [{ update, process, change: update }]
        missing.push(update.id)
        return []
      })
      const changed = await this.#store.change(found)
      pending = found.filter((_, index) => !changed[index]).map(({ update }) => update)
    }
    return missing
  }

  async getProcess(id: string): Promise<Process | undefined> {
    const record = await this.#store.get(id)
    return record && toProcess(record)
  }

  /** The newest process registered for `component`, however old its heartbeat. */
  async getComponentStatus(component: string): Promise<Process | undefined> {
    const [id] = await this.#cache.driver.run([{ op: 'hashGet', key: this.#cache.keys.components, field: component }])
    return id === undefined ? undefined : this.getProcess(id)
  }

  /**
   * Processes that gave a sign of life within `sinceMinutes` and were not stopped, the last updated first.
   * Entries whose data expired are removed; an entry that cannot be read does not hide the others.
   */
  async getActiveProcesses({ type, component, sinceMinutes = 5 }: ProcessFilter = {}): Promise<Process[]> {
    const oldest = this.#cache.clock.now() - sinceMinutes * MINUTE_MS
    return (await this.#listActive(type === undefined ? PROCESS_TYPES : [type]))
      .filter((process) => process.heartbeat >= oldest && (component === undefined || process.component === component))
      .sort((a, b) => b.updatedAt - a.updatedAt)
  }

  /** Whether all who should run do, going by who registered within a day and did not stop. */
  async getSystemHealth({ staleMinutes = 5 }: StaleOptions = {}): Promise<SystemHealth> {
    const oldest = this.#cache.clock.now() - staleMinutes * MINUTE_MS
    return buildSystemHealth(await this.#listActive(PROCESS_TYPES), oldest)
  }

  /**
   * Stops those whose heartbeat is older than `staleMinutes`, 30 by default; one that gives a sign of life meanwhile
   * is left alone.
   *
   * @returns the ids of the stopped.
   */
  async cleanupStaleProcesses({ staleMinutes = 30 }: StaleOptions = {}): Promise<string[]> {
    const oldest = this.#cache.clock.now() - staleMinutes * MINUTE_MS
    const active = await this.#store.listActive(PROCESS_TYPES)
    const stale = active.filter(({ record }) => toProcess(record).heartbeat < oldest)
    const message = `Process stale for ${staleMinutes} minutes`
    const change = { status: 'stopped', message, heartbeat: false } as const
    const stopped = await this.#store.change(stale.map((process) => ({ process, change })))
    return stale.filter((_, index) => stopped[index]).map(({ id }) => id)
  }

  /**
   * The process is not active any more, and a late heartbeat does not make it so again; its data stays for a day.
   *
   * @throws CacheError `NOT_FOUND`
   */
  async stopProcess(id: string, message = 'Process stopped'): Promise<void> {
    await this.updateProcess(id, { status: 'stopped', message, heartbeat: false })
  }

  /**
   * Sends to the processes of `type` that listen now; nothing is kept for others.
   *
   * @returns how many programs listen, each counted once.
   */
  async broadcast(type: ProcessType, message: string, data: Readonly<Record<string, unknown>> = {}): Promise<number> {
    assertType(type)
    const { clock, driver, keys } = this.#cache
    const text = stringifyBroadcast({ message, data, timestamp: clock.now() })
    const [count] = await driver.run([{ op: 'publish', channel: keys.broadcastChannel(type), message: text }])
    return count
  }

  /**
   * What is broadcast to `type` from now on, until `signal` aborts.
   *
   * @throws CacheError `UNAVAILABLE` when there is no connection at the start (later ones are repaired), `CLOSED`
   */
  async *watchBroadcasts(type: ProcessType, options: WatchOptions = {}): AsyncGenerator<Broadcasts, void> {
    assertType(type)
    const { driver, keys } = this.#cache
    const channel = keys.broadcastChannel(type)
    for await (const { messages, missed } of watchChannel(driver, channel, options))
      yield { broadcasts: messages.map((text) => parseBroadcast(text, channel)), missed }
  }

  async #listActive(types: readonly string[]): Promise<Process[]> {
    return (await this.#store.listActive(types)).map(({ record }) => toProcess(record))
  }

  /** Or what a service leaves behind that is started again and again would only grow where nobody lists processes. */
  async #tidy(): Promise<void> {
    const now = this.#cache.clock.now()
    if (now - this.#tidiedAt < TIDY_EVERY_MS) return
    this.#tidiedAt = now // before it is done: who registers at the same time need not do it too
    await this.#store.listActive(PROCESS_TYPES)
  }
}

function assertType(type: ProcessType): void {
  if (!PROCESS_TYPES.includes(type))
    throw new RangeError(`type: expected one of ${PROCESS_TYPES.join(' ')}, got ${JSON.stringify(type)}`)
}

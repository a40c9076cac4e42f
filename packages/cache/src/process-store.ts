import type { CacheOp } from './cache-driver.js'
import { CacheError } from './errors.js'
import type { Cache } from './open-cache.js'
import { changeRecord, type ProcessChange, type ProcessRecord, parseProcessRecord } from './process-record.js'

const DATA_TTL_MS = 86_400_000

/** A record as it was read; it is replaced only while it is still so. */
export interface StoredProcess {
  readonly id: string
  readonly text: string
  readonly record: ProcessRecord
}

export interface StoredChange {
  readonly process: StoredProcess
  readonly change: ProcessChange
}

/** The JSON of each process and the indexes that lead to it. */
export class ProcessStore {
  readonly #cache: Cache

  constructor(cache: Cache) {
    this.#cache = cache
  }

  async add(record: ProcessRecord): Promise<void> {
    const { driver, keys } = this.#cache
    const { process_id: id, process_type: type, component, created_at: now } = record
    await driver.run([
      { op: 'set', key: keys.processData(id), value: JSON.stringify(record), ttlMs: DATA_TTL_MS },
      { op: 'hashSet', key: keys.activeProcesses(type), field: id, value: now },
      { op: 'hashSet', key: keys.components, field: component, value: id },
    ])
  }

  /** @throws CacheError `INVALID` */
  async get(id: string): Promise<ProcessRecord | undefined> {
    const [text] = await this.#readTexts([id])
    return text === undefined ? undefined : parseProcessRecord(text, this.#cache.keys.processData(id))
  }

  /** Each at the place of its id; `undefined` for one that is missing or cannot be read. */
  async list(ids: readonly string[]): Promise<(StoredProcess | undefined)[]> {
    const texts = await this.#readTexts(ids)
    return ids.map((id, index) => this.#read(id, texts[index]))
  }

  /** Those that were not stopped and can be read. Entries whose data expired are removed. */
  async listActive(types: readonly string[]): Promise<StoredProcess[]> {
    const { driver, keys } = this.#cache
    const hashes = await driver.run(types.map((one) => ({ op: 'hashGetAll', key: keys.activeProcesses(one) }) as const))
    const entries = hashes.flatMap((hash, index) => [...hash.keys()].map((id) => ({ id, type: types[index] ?? '' })))
    const texts = await this.#readTexts(entries.map(({ id }) => id))
    await this.#prune(entries.filter((_, index) => texts[index] === undefined))
    return entries.flatMap(({ id }, index) => {
      const one = this.#read(id, texts[index])
      return one && one.record.status !== 'stopped' ? [one] : []
    })
  }

  /**
   * Changes each process that nobody changed since it was read, and keeps the indexes in step.
   *
   * @returns whether it did, each at its place.
   */
  async change(changes: readonly StoredChange[]): Promise<boolean[]> {
    const { clock, driver, keys } = this.#cache
    const active = new Map<string, Map<string, string>>()
    const replacements = changes.map((one): CacheOp => {
      const { id, text, record } = one.process
      const next = changeRecord(record, one.change, clock.now())
      const key = keys.activeProcesses(next.process_type)
      if (!isStop(one)) active.set(key, (active.get(key) ?? new Map()).set(id, next.updated_at))
      const value = JSON.stringify(next)
      return { op: 'replace', key: keys.processData(id), expected: text, value, ttlMs: DATA_TTL_MS }
    })
    const listings = [...active].map(([key, fields]): CacheOp => ({ op: 'hashSetMany', key, fields }))
    const results = await driver.run([...replacements, ...listings])
    const replaced = results.filter((result) => typeof result === 'boolean')
    // Only now: of a process that changed meanwhile, and lives, the entries must stay.
    await this.#unlist(changes.filter((one, index) => replaced[index] && isStop(one)).map(({ process }) => process))
    return replaced
  }

  async #unlist(processes: readonly StoredProcess[]): Promise<void> {
    const { driver, keys } = this.#cache
    await driver.run(
      processes.flatMap(({ id, record: { process_type, component } }): CacheOp[] => [
        { op: 'hashDelete', key: keys.activeProcesses(process_type), field: id },
        // Only if it is still this process: its successor may have registered.
        { op: 'hashDelete', key: keys.components, field: component, expected: id },
      ]),
    )
  }

  async #prune(entries: readonly { readonly id: string; readonly type: string }[]): Promise<void> {
    if (entries.length === 0) return
    const { driver, keys } = this.#cache
    const [components] = await driver.run([{ op: 'hashGetAll', key: keys.components }])
    const expired = new Set(entries.map(({ id }) => id))
    const orphans = [...components].filter(([, id]) => expired.has(id))
    await driver.run([
      ...entries.map(({ id, type }) => ({ op: 'hashDelete', key: keys.activeProcesses(type), field: id }) as const),
      ...orphans.map(([field, id]) => ({ op: 'hashDelete', key: keys.components, field, expected: id }) as const),
    ])
  }

  async #readTexts(ids: readonly string[]): Promise<readonly (string | undefined)[]> {
    const keys = ids.map((id) => this.#cache.keys.processData(id))
    const [texts] = await this.#cache.driver.run([{ op: 'getMany', keys }], { loose: true })
    return texts
  }

  #read(id: string, text: string | undefined): StoredProcess | undefined {
    if (text === undefined) return undefined
    try {
      return { id, text, record: parseProcessRecord(text, this.#cache.keys.processData(id)) }
    } catch (err) {
      if (err instanceof CacheError) return undefined
      throw err
    }
  }
}

/** A stopped process stays stopped until a change says otherwise: a late heartbeat does not revive it. */
function isStop({ process, change }: StoredChange): boolean {
  return (change.status ?? process.record.status) === 'stopped'
}

import type { Clock, EpochMs } from '@fullon/market'
import type { CacheOp, CacheResults } from './cache-driver.js'
import { CacheError } from './errors.js'

const SWEEP_EVERY_MS = 60_000

interface Values {
  readonly text: string
  readonly hash: Map<string, string>
  readonly sorted: Map<number, string>
  readonly list: string[]
}
interface Entry {
  readonly kind: keyof Values
  readonly value: Values[keyof Values]
  readonly expiresAt: EpochMs
}

type StoredOp = Exclude<CacheOp, { op: 'publish' }>
type Handlers = { readonly [Op in StoredOp as Op['op']]: (op: Op) => CacheResults[Op['op']] }

/** Keyed values of one process, typed and expiring as Redis' are. */
export class MemoryStore {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  #sweptAt: EpochMs

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sweptAt = clock.now()
  }

  /** @throws CacheError `REFUSED` when the key holds a value of another kind. */
  execute<Op extends StoredOp>(op: Op): CacheResults[Op['op']] {
    // cast: looked up by op's own name
    const handler = this.#handlers[op.op] as unknown as (op: Op) => CacheResults[Op['op']]
    return handler(op)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Drops what expired and is never asked for again, at most once a minute. */
  sweep(): void {
    const now = this.#clock.now()
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return
    this.#sweptAt = now
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#entries.delete(key)
  }

  readonly #handlers: Handlers = {
    get: ({ key }) => this.#find(key, 'text'),
    getMany: ({ keys }) =>
      keys.map((key) => (this.#entries.get(key)?.kind === 'text' ? this.#find(key, 'text') : undefined)),
    set: ({ key, value, ttlMs }) => void this.#setText(key, value, ttlMs),
    replace: ({ key, expected, value, ttlMs }) => {
      const holds = this.#find(key, 'text') === expected
      if (holds) this.#setText(key, value, ttlMs)
      return holds
    },
    expire: ({ key, ttlMs }) => {
      const [entry, now] = [this.#entries.get(key), this.#clock.now()]
      if (entry && entry.expiresAt > now) this.#entries.set(key, { ...entry, expiresAt: now + ttlMs })
    },
    delete: ({ key }) => void this.#entries.delete(key),
    hashGet: ({ key, field }) => this.#find(key, 'hash')?.get(field),
    hashGetAll: ({ key }) => new Map(this.#find(key, 'hash')),
    hashSet: ({ key, field, value }) => void this.#findOrAdd(key, 'hash', new Map()).set(field, value),
    hashSetMany: ({ key, fields }) => {
      if (fields.size === 0) return
      const hash = this.#findOrAdd(key, 'hash', new Map())
      for (const [field, value] of fields) hash.set(field, value)
    },
    hashDelete: ({ key, field, expected }) => {
      const hash = this.#find(key, 'hash')
      if (expected === undefined || hash?.get(field) === expected) hash?.delete(field)
      if (hash?.size === 0) this.#entries.delete(key)
    },
    sortedPut: ({ key, entries, keep }) => {
      if (entries.length === 0) return
      const sorted = this.#findOrAdd(key, 'sorted', new Map())
      for (const { score, value } of entries) sorted.set(score, value)
      for (const score of ascending(sorted).slice(0, -keep)) sorted.delete(score)
    },
    sortedTail: ({ key, count }) => {
      const sorted = this.#find(key, 'sorted') ?? new Map<number, string>()
      return ascending(sorted)
        .slice(-count)
        .map((score) => sorted.get(score) ?? '')
    },
    listPush: ({ key, values, keep }) => {
      if (values.length === 0) return
      const list = this.#findOrAdd(key, 'list', [])
      for (const value of values) list.push(value)
      list.splice(0, list.length - keep)
    },
    listPop: ({ key, count }) => {
      const list = this.#find(key, 'list') ?? []
      const taken = list.splice(0, count)
      if (list.length === 0) this.#entries.delete(key)
      return taken
    },
    listTail: ({ key, count }) => this.#find(key, 'list')?.slice(-count) ?? [],
  }

  #setText(key: string, value: string, ttlMs: number): void {
    this.#entries.set(key, { kind: 'text', value, expiresAt: this.#clock.now() + ttlMs })
  }

  #find<Kind extends keyof Values>(key: string, kind: Kind): Values[Kind] | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (entry.expiresAt <= this.#clock.now()) {
      this.#entries.delete(key)
      return undefined
    }
    if (entry.kind !== kind) throw new CacheError('REFUSED', `${key}: expected a ${kind}, got a ${entry.kind}`)
    return entry.value as Values[Kind] // cast: `kind` says so
  }

  #findOrAdd<Kind extends keyof Values>(key: string, kind: Kind, initial: Values[Kind]): Values[Kind] {
    const found = this.#find(key, kind)
    if (found !== undefined) return found
    this.#entries.set(key, { kind, value: initial, expiresAt: Number.POSITIVE_INFINITY })
    return initial
  }
}

function ascending(sorted: ReadonlyMap<number, string>): number[] {
  return [...sorted.keys()].sort((a, b) => a - b)
}

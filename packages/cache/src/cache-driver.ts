/**
 * One operation on one key. Plain data, so that any number of them goes in one round trip.
 * What is written has a lifetime (`ttlMs`) or a bound (`keep`); hashes are pruned by who fills them.
 */
export type CacheOp =
  | { readonly op: 'get'; readonly key: string }
  /** The text of each key; of one that holds something else none, as of one that is not there. */
  | { readonly op: 'getMany'; readonly keys: readonly string[] }
  | { readonly op: 'set'; readonly key: string; readonly value: string; readonly ttlMs: number }
  /** Sets `value` only if the key still holds `expected`; says whether it did. */
  | {
      readonly op: 'replace'
      readonly key: string
      readonly expected: string
      readonly value: string
      readonly ttlMs: number
    }
  /** From now the key lives that long, whatever it holds. */
  | { readonly op: 'expire'; readonly key: string; readonly ttlMs: number }
  | { readonly op: 'delete'; readonly key: string }
  | { readonly op: 'hashGet'; readonly key: string; readonly field: string }
  | { readonly op: 'hashGetAll'; readonly key: string }
  | { readonly op: 'hashSet'; readonly key: string; readonly field: string; readonly value: string }
  | { readonly op: 'hashSetMany'; readonly key: string; readonly fields: ReadonlyMap<string, string> }
  /** With `expected`, only if the field still holds it. */
  | { readonly op: 'hashDelete'; readonly key: string; readonly field: string; readonly expected?: string }
  /** One value a score: an entry replaces the one of the same score. Then the `keep` highest scores stay. */
  | { readonly op: 'sortedPut'; readonly key: string; readonly entries: readonly ScoredValue[]; readonly keep: number }
  /** The values of the `count` highest scores, ascending. */
  | { readonly op: 'sortedTail'; readonly key: string; readonly count: number }
  /** Appends; then the `keep` newest stay. */
  | { readonly op: 'listPush'; readonly key: string; readonly values: readonly string[]; readonly keep: number }
  /** The `count` newest, oldest first. */
  | { readonly op: 'listTail'; readonly key: string; readonly count: number }
  /** Takes the `count` oldest (at least 1) away, oldest first: no two callers get the same. */
  | { readonly op: 'listPop'; readonly key: string; readonly count: number }
  /** Gives how many programs it was sent to, however many listeners each has. */
  | { readonly op: 'publish'; readonly channel: string; readonly message: string }

export interface ScoredValue {
  readonly score: number
  /** Must differ for every score. */
  readonly value: string
}

export interface CacheResults {
  get: string | undefined
  getMany: readonly (string | undefined)[]
  set: undefined
  replace: boolean
  expire: undefined
  delete: undefined
  hashGet: string | undefined
  hashGetAll: ReadonlyMap<string, string>
  hashSet: undefined
  hashSetMany: undefined
  hashDelete: undefined
  sortedPut: undefined
  sortedTail: readonly string[]
  listPush: undefined
  listTail: readonly string[]
  listPop: readonly string[]
  publish: number
}

/** The results of `Ops`, each at the place of its operation. */
export type ResultsOf<Ops extends readonly CacheOp[]> = { -readonly [I in keyof Ops]: CacheResults[Ops[I]['op']] }

export interface RunOptions {
  /** Spares Redis a script, where nobody minds the state between two operations. */
  readonly loose?: boolean
}

export interface ChannelListener {
  message(text: string): void
  /** Messages flow again after an interruption during which some may have been published. */
  missed(): void
  /** The driver was closed: nothing will come any more. */
  closed(): void
}

/** What the caches need of a store. The memory and the Redis driver pass the same contract suite. */
export interface CacheDriver {
  /**
   * Executes the operations in order, in one round trip, with nothing of anyone else in between
   * (in Redis up to 100,000 arguments; a larger batch goes in several such parts, still in one round trip).
   * When one is refused the others have been executed all the same, and the first refusal is thrown.
   * With `loose` what others do may come in between, and only a part may be executed when the connection breaks.
   *
   * @throws CacheError `UNAVAILABLE`, `FULL`, `REFUSED`, `CLOSED`
   */
  run<const Ops extends readonly CacheOp[]>(ops: Ops, options?: RunOptions): Promise<ResultsOf<Ops>>
  /**
   * Resolves once every later message will arrive, with what ends it. It outlives interruptions of the connection.
   *
   * @throws CacheError `UNAVAILABLE`, `REFUSED`, `CLOSED`
   */
  subscribe(channel: string, listener: ChannelListener): Promise<() => void>
  /** Ends all subscriptions. May be called more than once. */
  close(): Promise<void>
}

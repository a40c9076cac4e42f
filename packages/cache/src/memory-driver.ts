import type { Clock } from '@fullon/market'
import type { CacheDriver, CacheOp, CacheResults, ChannelListener, ResultsOf } from './cache-driver.js'
import { CacheError } from './errors.js'
import { MemoryStore } from './memory-store.js'

/** A store inside this process, gone when it ends. */
export class MemoryDriver implements CacheDriver {
  readonly #store: MemoryStore
  readonly #listeners = new Map<string, Set<ChannelListener>>()
  #closed = false

  constructor({ clock }: { readonly clock: Clock }) {
    this.#store = new MemoryStore(clock)
  }

  async run<const Ops extends readonly CacheOp[]>(ops: Ops): Promise<ResultsOf<Ops>> {
    this.#assertOpen()
    this.#store.sweep()
    const refusals: unknown[] = []
    const results = ops.map((op) => {
      try {
        return this.#execute(op)
      } catch (err) {
        return void refusals.push(err)
      }
    })
    if (refusals.length > 0) throw refusals[0]
    return results as ResultsOf<Ops> // cast: each operation gives its own result
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<() => void> {
    this.#assertOpen()
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#store.clear()
    const listeners = [...this.#listeners.values()].flatMap((some) => [...some])
    this.#listeners.clear()
    for (const listener of listeners) listener.closed()
  }

  #execute(op: CacheOp): CacheResults[CacheOp['op']] {
    return op.op === 'publish' ? this.#publish(op.channel, op.message) : this.#store.execute(op)
  }

  /** Later than the call, as a message from Redis is: a listener may itself run operations. */
  #publish(channel: string, message: string): number {
    const listeners = this.#listeners.get(channel) ?? new Set()
    for (const listener of listeners)
      queueMicrotask(() => {
        if (this.#listeners.get(channel)?.has(listener)) listener.message(message)
      })
    return listeners.size > 0 ? 1 : 0
  }

  #assertOpen(): void {
    if (this.#closed) throw new CacheError('CLOSED', 'cache: expected an open cache, got a closed one')
  }
}

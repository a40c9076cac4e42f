import type { CcxtCache } from './load-ccxt.js'

/** Where ccxt looks for the array that a subscription writes into: by symbol or timeframe. */
export type CacheShelf = Record<string, unknown>

type Listener = (item: unknown) => void

// ccxt's own caches may stay small: records are taken as they are appended.
const CACHE_SIZE = 10

const LISTENERS = new WeakMap<object, Set<Listener>>()

/**
 * Hands on each record the moment ccxt appends it; waiting for `watch` loses records when its cache overflows.
 * Several may listen to one subscription.
 *
 * @returns how to stop listening.
 */
export function tap(
  shelf: CacheShelf,
  name: string,
  Cache: new (maxSize: number) => CcxtCache,
  listener: Listener,
): () => void {
  const present = shelf[name]
  let listeners = typeof present === 'object' && present !== null ? LISTENERS.get(present) : undefined
  if (!listeners) {
    listeners = new Set()
    shelf[name] = tapped(new Cache(CACHE_SIZE), listeners)
  }
  const cache = shelf[name]
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && shelf[name] === cache) delete shelf[name]
  }
}

function tapped(cache: CcxtCache, listeners: Set<Listener>): CcxtCache {
  const append = cache.append.bind(cache)
  const value = (item: unknown) => {
    append(item)
    cache.getLimit(undefined, undefined) // else it remembers every record for a reader that never comes
    for (const listener of listeners) listener(item)
  }
  LISTENERS.set(cache, listeners)
  return Object.defineProperty(cache, 'append', { value }) // not enumerable: the cache is an array
}

import { type Environment, parseWhole } from './run-daemon.js'

/**
 * `SHARDS`, into how many parts a service's work is divided among processes, and `SHARDS_MAX`, how many of them this one
 * takes at most; undefined: it has everything.
 *
 * @throws RangeError for a value that is not accepted.
 */
export function shardsFrom(env: Environment): { readonly count: number; readonly max: number } | undefined {
  const count = parseWhole('SHARDS', env.SHARDS || '0', 1024)
  if (count > 0) return { count, max: parseWhole('SHARDS_MAX', env.SHARDS_MAX || String(count), count, 1) }
  if (!env.SHARDS_MAX) return undefined
  const got = JSON.stringify(env.SHARDS_MAX)
  throw new RangeError(`SHARDS_MAX: expected SHARDS beside it, got ${got} alone (SHARDS says into how many parts)`)
}

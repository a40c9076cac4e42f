import { CacheError } from './errors.js'

/** @throws CacheError `INVALID` when `text`, found under the key or on the channel `where`, is no JSON. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (err) {
    throw invalid('JSON', text, where, { cause: err })
  }
}

/** What is found at `where` is not what this package, or another of fullon's programs, writes there. */
export function invalid(expected: string, text: string, where: string, options?: ErrorOptions): CacheError {
  return new CacheError('INVALID', `${where}: expected ${expected}, got ${text.slice(0, 200)}`, options)
}

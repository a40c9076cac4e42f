/**
 * - `UNAVAILABLE` the store cannot be reached, did not answer in time or cannot serve now; it may have executed the batch
 * - `FULL` the store is out of memory and refuses writes
 * - `REFUSED` the store understood and said no: a key of another type, no permission
 * - `CONFLICT` others changed the same record again and again meanwhile
 * - `NOT_FOUND` what should be changed does not exist, or no longer
 * - `INVALID` what is stored under the key cannot be read
 * - `CLOSED` the cache was closed
 */
export type CacheErrorCode = 'UNAVAILABLE' | 'FULL' | 'REFUSED' | 'CONFLICT' | 'NOT_FOUND' | 'INVALID' | 'CLOSED'

const TRANSIENT: readonly CacheErrorCode[] = ['UNAVAILABLE', 'FULL', 'CONFLICT']

/** Every failure of this package except wrong arguments, which throw `TypeError` or `RangeError`. */
export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: CacheErrorCode
  /** Whether the same call may succeed later. */
  readonly transient: boolean

  constructor(code: CacheErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.transient = TRANSIENT.includes(code)
  }
}

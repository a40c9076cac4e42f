/**
 * - `NOT_FOUND`: what should change does not exist.
 * - `DUPLICATE`: there is one already.
 * - `INVALID`: a value, or a reference to something else, that the database cannot hold.
 * - `UNSUPPORTED_HASH`: the stored password was hashed by a scheme that is not ours.
 * - `UNAVAILABLE`: the database cannot be reached or does not let us in.
 */
export type OrmErrorCode = 'NOT_FOUND' | 'DUPLICATE' | 'INVALID' | 'UNSUPPORTED_HASH' | 'UNAVAILABLE'

export class OrmError extends Error {
  override readonly name = 'OrmError'
  readonly code: OrmErrorCode
  /** The same call may succeed later. */
  readonly transient: boolean

  constructor(
    code: OrmErrorCode,
    message: string,
    { cause, transient = false }: { readonly cause?: unknown; readonly transient?: boolean } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.transient = transient
  }
}

/** @param key what was looked for, such as `{ uid: 7 }`. */
export function notFound(subject: string, key: Readonly<Record<string, unknown>>): OrmError {
  const [[name, value] = []] = Object.entries(key)
  return new OrmError('NOT_FOUND', `${subject}: expected an existing ${name}, got ${JSON.stringify(value)}`)
}

/** What an {@link EmbeddedError} is about. */
export type EmbeddedErrorCode =
  /** There are no Postgres binaries for this platform, or they do not run on it. */
  | 'UNSUPPORTED_PLATFORM'
  /** The data folder cannot be created, written or reached, or belongs to another user. */
  | 'UNUSABLE_FOLDER'
  /** The data were written by another major version of Postgres. */
  | 'WRONG_VERSION'
  /** Postgres did not start; the message ends with what it said. */
  | 'START_FAILED'

/** The one error of this package. Its message says what to do. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly code: EmbeddedErrorCode

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

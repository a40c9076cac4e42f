/**
 * - `INVALID` what was to be saved is wrong; nothing of that call is stored
 * - `UNAVAILABLE` the database cannot be reached, is starting, stopping or out of connections
 * - `CONFLICT` another transaction was in the way
 * - `DISK_FULL`, `READ_ONLY`, `FORBIDDEN`, `NOT_FOUND` (no such database): a person must act
 * - `CLOSED` the database object was closed
 * - `UNKNOWN` anything else; see `cause`
 */
export type OhlcvErrorCode =
  | 'INVALID'
  | 'UNAVAILABLE'
  | 'CONFLICT'
  | 'DISK_FULL'
  | 'READ_ONLY'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CLOSED'
  | 'UNKNOWN'

export class OhlcvError extends Error {
  override readonly name = 'OhlcvError'
  readonly code: OhlcvErrorCode

  constructor(code: OhlcvErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** The same call may succeed later, unchanged. */
  get transient(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'CONFLICT'
  }
}

/** What an error of the driver means. One without an SQLSTATE is not the server's: the connection was lost or never made. */
export function translateError(error: unknown): unknown {
  if (error instanceof OhlcvError) return error
  const code = sqlState(error)
  if (code === undefined) return lostConnection(error)
  const meaning = MEANINGS[code] ?? MEANINGS[code.slice(0, 2)] ?? 'UNKNOWN'
  return new OhlcvError(meaning, `database: expected ${EXPECTED[meaning]}, got ${code} ${describe(error)}`, {
    cause: error,
  })
}

export function lostConnection(cause: unknown): OhlcvError {
  if (cause instanceof OhlcvError) return cause
  return new OhlcvError('UNAVAILABLE', `database: expected ${EXPECTED.UNAVAILABLE}, got ${describe(cause)}`, { cause })
}

/** A row with that key is there already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof OhlcvError && sqlState(error.cause) === '23505'
}

/** Somebody cancelled the statement, or it took longer than it may. */
export function isCancelled(error: unknown): boolean {
  return error instanceof OhlcvError && sqlState(error.cause) === '57014'
}

/** Whether the connection is of no use after this error: it is the connection's own, or the server's goodbye. */
export function endsSession(error: unknown): boolean {
  const code = sqlState(error)
  if (code === undefined || GOODBYES.test(code)) return true
  return /^(FATAL|PANIC)$/.test((error as { severity: string }).severity) // cast: sqlState has looked
}

// By its code, as the severity comes in the server's language: connection, shutdown, idle or too long in a transaction.
const GOODBYES = /^(08...|57P0.|25P0[34])$/

/** Of a server's error, whichever copy of pg made it. */
function sqlState(error: unknown): string | undefined {
  const isServers = error instanceof Error && 'severity' in error && 'code' in error
  return isServers && typeof error.code === 'string' ? error.code : undefined
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest prefix that fits decides.
const MEANINGS: Readonly<Record<string, OhlcvErrorCode>> = {
  '08': 'UNAVAILABLE', // connection exceptions
  '22': 'INVALID',
  '23': 'INVALID',
  '23514': 'CONFLICT', // no partition for a row: another process dropped it, the next call makes it again
  '25006': 'READ_ONLY',
  '25P03': 'UNAVAILABLE', // waited too long in a transaction
  '25P04': 'UNAVAILABLE', // was too long in a transaction
  '28': 'FORBIDDEN', // not let in
  '3D000': 'NOT_FOUND',
  '40': 'CONFLICT', // deadlock, serialisation failure
  '42501': 'FORBIDDEN',
  '53': 'UNAVAILABLE', // out of memory, connections, locks
  '53100': 'DISK_FULL',
  '55P03': 'CONFLICT', // lock not available
  // Stopping, starting, crashed, or cancelled: by somebody, or after too long, which is mostly a wait for a lock.
  '57': 'UNAVAILABLE',
  '58': 'UNAVAILABLE', // its disk or system failed it
}

const EXPECTED: Readonly<Record<OhlcvErrorCode, string>> = {
  INVALID: 'values that it can hold',
  UNAVAILABLE: 'a server that answers',
  CONFLICT: 'no other transaction in the way',
  DISK_FULL: 'space on its disk (free some)',
  READ_ONLY: 'a server that takes writes (this is a standby, or set read-only)',
  FORBIDDEN: 'a role that may do this',
  NOT_FOUND: 'an existing database',
  CLOSED: 'an open one',
  UNKNOWN: 'the statement to succeed',
}

/** An AggregateError (a host name with several addresses) has an empty message of its own. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(describe).join('; ')
  return error instanceof Error ? error.message : String(error)
}

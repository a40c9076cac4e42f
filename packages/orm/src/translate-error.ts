import { DrizzleQueryError } from 'drizzle-orm/errors'
import { DatabaseError } from 'pg'
import { OrmError } from './errors.js'

// SQLSTATE, whole or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html
// Connection, resources, shutdown, fail-over, deadlock; cancelled, as by a statement_timeout; idle or too long in a
// transaction; the server's own disk or system.
const BUSY_OR_DOWN = /^(08...|53...|57P0.|25006|40...|55P03|57014|25P0[34]|58...)$/
const REFUSED = /^(28...|3D000|42501)$/ // user or password, no such database, no privilege
const ENDS_SESSION = /^(08...|57P0.|25P0[34])$/
const DUPLICATE = '23505'
const FOREIGN_KEY = '23503'

export interface FailureContext {
  /** What was attempted, such as `symbols.addSymbol`. */
  readonly subject: string
  /** The database, without a password. */
  readonly target: string
  /** Why the connection is gone, when it is. */
  readonly lost?: Error | undefined
}

/**
 * What a failure means to a caller; an error that is neither the server's nor that of a lost connection is a
 * mistake in a program and returned as it is. Never drizzle's wrapper: it quotes every parameter.
 */
export function translateError(error: unknown, { subject, target, lost }: FailureContext): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  if (cause instanceof OrmError) return cause
  if (cause instanceof DatabaseError) return translateSqlState(cause, subject, target)
  return lost ? unreachable(lost, subject, target) : cause
}

/** No connection could be had: whatever is not the server's own answer came from the way there. */
export function translateConnectError(cause: unknown, subject: string, target: string): OrmError {
  if (cause instanceof DatabaseError) return refused(cause, subject, target)
  return unreachable(cause instanceof Error ? cause : new Error(String(cause)), subject, target)
}

export function closedError(subject: string): OrmError {
  return new OrmError('UNAVAILABLE', `${subject}: expected an open DatabaseContext, got a closed one`)
}

/** The server said goodbye; the socket's end follows. */
export function endsSession(error: unknown): boolean {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return cause instanceof DatabaseError && ENDS_SESSION.test(cause.code ?? '')
}

function unreachable(cause: Error, subject: string, target: string): OrmError {
  if (cause instanceof OrmError) return cause
  const got = 'code' in cause ? cause.code : cause.message // pg's own errors have no code
  const message = `${subject}: expected a database at ${target}, got ${got} (is it running?)`
  return new OrmError('UNAVAILABLE', message, { cause, transient: true })
}

function refused(cause: DatabaseError, subject: string, target: string): OrmError {
  const message = `${subject}: expected to use the database at ${target}, got ${cause.code} ${cause.message}`
  return new OrmError('UNAVAILABLE', message, { cause, transient: BUSY_OR_DOWN.test(cause.code ?? '') })
}

function translateSqlState(cause: DatabaseError, subject: string, target: string): OrmError {
  const { code = '', detail } = cause
  const namesKey = code === DUPLICATE || code === FOREIGN_KEY
  if (!namesKey) cause.detail = undefined // of a not-null or check violation it is the whole row, password included
  if (BUSY_OR_DOWN.test(code) || REFUSED.test(code)) return refused(cause, subject, target)
  const message = `${subject}: got ${code} ${(namesKey && detail) || cause.message}`
  return new OrmError(code === DUPLICATE ? 'DUPLICATE' : 'INVALID', message, { cause })
}

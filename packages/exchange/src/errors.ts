import type { Span } from '@fullon/market'
import { redactError } from './redact.js'

export type ExchangeErrorCode =
  | 'AUTHENTICATION'
  | 'BAD_RESPONSE'
  | 'BANNED'
  | 'CLOSED'
  | 'EXCHANGE_UNKNOWN'
  | 'NO_PROGRESS'
  | 'OVERFLOW'
  | 'RATE_LIMITED'
  | 'REQUEST_REFUSED'
  | 'STREAM_BROKEN'
  | 'STREAM_SILENT'
  | 'STREAM_STALLED'
  | 'SUBSCRIPTION_REFUSED'
  | 'SYMBOL_UNKNOWN'
  | 'TIMEFRAME_UNSUPPORTED'
  | 'TIMEOUT'
  | 'UNAVAILABLE'
  | 'UNSUPPORTED'

// Trying again can help with these.
const TRANSIENT: ReadonlySet<ExchangeErrorCode> = new Set([
  'BAD_RESPONSE',
  'BANNED',
  'NO_PROGRESS',
  'OVERFLOW',
  'RATE_LIMITED',
  'STREAM_BROKEN',
  'STREAM_SILENT',
  'STREAM_STALLED',
  'TIMEOUT',
  'UNAVAILABLE',
])

export interface ExchangeErrorOptions {
  readonly cause?: unknown
  /** How long the exchange asks us to stay away. */
  readonly retryAfterMs?: number | undefined
  /** Where it has given no row, though nothing shows that there was none. */
  readonly silent?: Span | undefined
}

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly code: ExchangeErrorCode
  readonly retryAfterMs: ExchangeErrorOptions['retryAfterMs']
  readonly silent: ExchangeErrorOptions['silent']

  constructor(code: ExchangeErrorCode, message: string, options: ExchangeErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.retryAfterMs = options.retryAfterMs
    this.silent = options.silent
  }

  get transient(): boolean {
    return TRANSIENT.has(this.code)
  }
}

// ccxt's error classes by name, most particular first: an instance matches the first of its ancestors that is here.
const CODE_OF_CCXT_ERROR: Readonly<Record<string, ExchangeErrorCode>> = {
  BadSymbol: 'SYMBOL_UNKNOWN',
  AuthenticationError: 'AUTHENTICATION',
  RestrictedLocation: 'BANNED',
  RateLimitExceeded: 'RATE_LIMITED',
  DDoSProtection: 'RATE_LIMITED',
  RequestTimeout: 'TIMEOUT',
  ExchangeClosedByUser: 'CLOSED',
  BadResponse: 'BAD_RESPONSE',
  NullResponse: 'BAD_RESPONSE',
  NotSupported: 'UNSUPPORTED',
  OperationFailed: 'UNAVAILABLE',
}

// What ccxt's classes blur: it calls 418 and 429 the same, and most of 4xx an outage.
const CODE_OF_STATUS: Readonly<Record<number, ExchangeErrorCode>> = {
  403: 'BANNED',
  418: 'BANNED',
  429: 'RATE_LIMITED',
  451: 'BANNED',
}

/** What is known of the answer that an error came with. */
export interface ErrorAnswer {
  readonly status?: number
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

// Of Node, its zlib and undici: what ccxt lets through where the connection or the compression breaks in mid-body.
const TRANSPORT_ERROR = /^(UND_ERR_|Z_|ECONN|EPIPE$|ETIMEDOUT$|ERR_STREAM_PREMATURE_CLOSE$)/

/** Translates what ccxt throws, and what its transport does; anything else is a bug and passes through as it is. */
export function translateError(
  subject: string,
  error: unknown,
  { status, headers }: ErrorAnswer = {},
  secrets: readonly string[] = [],
): unknown {
  if (error instanceof ExchangeError || !(error instanceof Error)) return error
  const ancestors = ancestorNames(error)
  const isCcxts = ancestors.includes('BaseError')
  if (!isCcxts && !TRANSPORT_ERROR.test(transportCodeOf(error))) return error
  const known = ancestors.find((name) => Object.hasOwn(CODE_OF_CCXT_ERROR, name))
  const named = isCcxts ? (CODE_OF_CCXT_ERROR[known ?? ''] ?? 'REQUEST_REFUSED') : 'UNAVAILABLE'
  const isRefusal = named === 'UNAVAILABLE' && status !== undefined && status >= 400 && status < 500
  const code = CODE_OF_STATUS[status ?? 0] ?? (isRefusal ? 'REQUEST_REFUSED' : named)
  const retryAfterMs = parseRetryAfter(headers)
  const cause = redactError(error, secrets)
  const message = `${subject}: ${cause.name}: ${cause.message.slice(0, 300)}`
  return new ExchangeError(code, message, { cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
}

/** fetch's own TypeErrors say it in their cause. */
function transportCodeOf(error: Error): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } | null } // cast: looked at below
  return String(code ?? cause?.code ?? '')
}

function ancestorNames(error: Error): string[] {
  const names: string[] = []
  let prototype = Object.getPrototypeOf(error)
  for (; prototype && prototype !== Error.prototype; prototype = Object.getPrototypeOf(prototype)) {
    names.push(prototype.constructor.name)
  }
  return names
}

/** `Retry-After`: seconds, or a date by the clock of the answer's own `Date`. */
function parseRetryAfter(headers: Readonly<Record<string, string>> = {}): number | undefined {
  const value = headers['retry-after']
  if (!value) return undefined
  const waitMs = Number.isFinite(Number(value))
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.date ?? '')
  return waitMs >= 0 ? waitMs : undefined
}

// Who a URL logs in as, and parameters that only signed requests have.
const USER_INFO = /(\/\/)[^/@\s"']+@/g
const SIGNED_PARAMETER = /([?&"'](?:api_?key|signature|secret|token|password|listenkey)["']?[=:]\s*["']?)[^&\s"',}]+/gi
const MASK = '***'
// Shorter ones would blot out half of every message; no exchange issues them.
const SHORTEST_SECRET = 4

/** ccxt's names for what an account is opened with. */
const CREDENTIALS = [
  'apiKey',
  'secret',
  'password',
  'login',
  'uid',
  'privateKey',
  'walletAddress',
  'token',
  'twofa',
  'accountId',
]

/** The credentials that an instance was given, to keep them out of messages. */
export function secretsOf(exchange: object): string[] {
  const held = exchange as Readonly<Record<string, unknown>> // cast: ccxt keeps them as properties
  return CREDENTIALS.map((name) => held[name])
    .filter((value): value is string => typeof value === 'string' && value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
}

export function redact(text: string, secrets: readonly string[] = []): string {
  const masked = text.replace(USER_INFO, `$1${MASK}@`).replace(SIGNED_PARAMETER, `$1${MASK}`)
  return secrets.reduce(
    (rest, secret) => rest.replaceAll(secret, MASK).replaceAll(encodeURIComponent(secret), MASK),
    masked,
  )
}

/** What there is to debug in an error, without what must not be logged. */
export function redactError(error: Error, secrets: readonly string[] = []): Error {
  const copy = new Error(redact(error.message, secrets))
  copy.name = error.constructor.name
  copy.stack = redact(error.stack ?? copy.message, secrets)
  if (error.cause instanceof Error) copy.cause = redactError(error.cause, secrets)
  return copy
}

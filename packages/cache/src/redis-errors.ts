import { CacheError } from './errors.js'

// The first word of an error reply is Redis' error code: https://redis.io/docs/latest/develop/reference/protocol-spec/
const NOW_UNABLE = ['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'BUSY', 'TRYAGAIN', 'NOREPLICAS', 'MISCONF']

/** What an ioredis error may carry. */
interface RedisError extends Error {
  readonly code?: unknown
}

/**
 * A driver's error in our words. ioredis hangs the command with its arguments on its errors, for AUTH and HELLO the
 * password; so the cause is a copy without it, and `secrets` are struck from its text.
 */
export function translateRedisError(thrown: unknown, subject: string, secrets: readonly string[]): CacheError {
  if (thrown instanceof CacheError) return thrown
  const cause = copyWithoutSecrets(thrown, secrets)
  if (cause.name !== 'ReplyError')
    return new CacheError('UNAVAILABLE', `${subject}: expected an answer, got ${cause.message}`, { cause })
  const word = codeWordOf(cause)
  const code = word === 'OOM' ? 'FULL' : NOW_UNABLE.includes(word) ? 'UNAVAILABLE' : 'REFUSED'
  return new CacheError(code, `${subject}: expected the command to be accepted, got ${cause.message}`, { cause })
}

/** Whether the server became a replica, which happens without the connection noticing: the master is elsewhere. */
export function isOfReplica(err: Error): boolean {
  return codeWordOf(err) === 'READONLY'
}

/** Nothing of it was executed. */
export function isUnknownScript(thrown: unknown): boolean {
  return codeWordOf(toError(thrown)) === 'NOSCRIPT'
}

export function copyWithoutSecrets(thrown: unknown, secrets: readonly string[]): Error {
  const { message, name, code } = toError(thrown)
  // A refused connection to a name with two addresses has a code and no message.
  const text = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), message || String(code ?? name))
  return Object.assign(new Error(text), { name }, code === undefined ? {} : { code })
}

/** Redis 6 puts the place in the script before what a command in it is refused for. */
function codeWordOf({ message }: Error): string {
  return message.replace(/^@user_script: \d+: -?/, '').split(' ', 1)[0] ?? ''
}

function toError(thrown: unknown): RedisError {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Of a pino logger, or anything with these methods. */
export interface DaemonLogger {
  info(fields: object, message: string): void
  fatal(fields: object, message: string): void
  isLevelEnabled(level: string): boolean
}

export interface DaemonOptions {
  /** `SHUTDOWN_MS`: how long a clean end may take, milliseconds; 10,000 by default. */
  readonly env: Environment
  readonly logger: DaemonLogger
  /** Works until `signal` aborts, and saves what it holds then. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

export type Environment = Readonly<Record<string, string | undefined>>

const LONGEST_MS = 3_600_000

/**
 * A whole process: it ends cleanly on SIGTERM and Ctrl-C, at once when asked twice or when that takes too long, and
 * with exit code 1 and one line that says why when it cannot go on. Half a process would look alive, so an error that
 * nobody caught ends it, too.
 */
export async function runDaemon({ env, logger, run }: DaemonOptions): Promise<void> {
  // Also told of a rejection that nobody caught.
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'unexpected error, stopping')
    process.exit(1)
  })
  const stop = new AbortController()
  let shutdownMs = 0
  try {
    shutdownMs = parseWhole('SHUTDOWN_MS', env.SHUTDOWN_MS || '10000', LONGEST_MS)
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => onSignal(name))
    await run(stop.signal)
    logger.info({}, 'stopped')
  } catch (err) {
    if (stop.signal.aborted && err === stop.signal.reason) return logger.info({}, 'stopped')
    // One line a person can act on; the whole chain only on request.
    logger.fatal(logger.isLevelEnabled('debug') ? { err } : { reason: messageOf(err) }, 'cannot go on')
    process.exitCode = 1
    cutAfter(shutdownMs) // whatever is still open must not keep it half alive
  }

  function onSignal(signal: string): void {
    if (stop.signal.aborted) process.exit(1)
    logger.info({ signal }, 'stopping')
    cutAfter(shutdownMs)
    stop.abort()
  }
}

function cutAfter(delayMs: number): void {
  setTimeout(() => process.exit(1), delayMs).unref()
}

/** @throws RangeError when `text` is not a whole number from `least` to `most`. */
export function parseWhole(name: string, text: string, most: number, least = 0): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`)
}

/**
 * What `open` gives; undefined when it throws. That is said in one line on stderr, for what comes before there is a
 * log, and the process will end with 1.
 */
export function openOrSay<T>(open: () => T): T | undefined {
  try {
    return open()
  } catch (err) {
    process.stderr.write(`${messageOf(err)}\n`)
    process.exitCode = 1
    return undefined
  }
}

/** The message with those of its causes, each said once. */
export function messageOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  const cause = err.cause === undefined ? '' : messageOf(err.cause)
  return cause && !err.message.includes(cause) ? `${err.message}: ${cause}` : err.message
}

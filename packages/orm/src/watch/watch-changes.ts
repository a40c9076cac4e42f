import { setTimeout as wait } from 'node:timers/promises'
import { OrmError } from '../errors.js'
import type { Listener } from './listener.js'
import { type Change, compareSnapshots, type Snapshot } from './snapshot.js'

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000

/** Where the watch speaks; a pino logger is one. */
export interface WatchLogger {
  warn(fields: object, message: string): void
}

export interface WatchOptions {
  /** Ends the watch, which rejects with its reason. */
  readonly signal?: AbortSignal
  /** How often to look even when nothing notifies: triggers may be missing or disabled. Default: 30,000. */
  readonly pollMs?: number
  /** Is told of connections that were lost. */
  readonly logger?: WatchLogger
  /** A `sleep` as `Clock` of `@fullon/market` has it. Default: the machine's time. */
  readonly sleep?: (delayMs: number, options: { readonly signal: AbortSignal }) => Promise<void>
  /** In [0, 1), spreads the attempts to connect again. Default: `Math.random`. */
  readonly random?: () => number
}

/** @internal */
export interface WatchSource extends Required<Omit<WatchOptions, 'logger'>> {
  readonly logger: WatchLogger | undefined
  open(): Promise<Listener>
}

/**
 * Fills in what was not given.
 *
 * @internal
 */
export function toSource(options: WatchOptions, signal: AbortSignal, open: () => Promise<Listener>): WatchSource {
  const { pollMs = 30_000, logger, random = Math.random } = options
  const { sleep = (delayMs, waiting) => wait(delayMs, undefined, waiting) } = options
  return { signal, pollMs, logger, sleep, random, open }
}

/**
 * Every row first, then what has changed since the last array. Notifications only tell when to look: whatever
 * woke it, and on every new connection, it reads all and compares, so that nothing is missed in between.
 *
 * @internal
 */
export async function* watchChanges(source: WatchSource): AsyncGenerator<readonly Change[]> {
  let known: Snapshot | undefined
  for await (const snapshot of readSnapshots(source)) {
    const changes = compareSnapshots(known ?? new Map(), snapshot)
    const isFirst = known === undefined
    known = snapshot
    if (isFirst || changes.length > 0) yield changes
  }
}

/** Snapshots from one connection after the other, for as long as it is worth trying again. */
async function* readSnapshots(source: WatchSource): AsyncGenerator<Snapshot> {
  const { signal, logger, sleep, random, open } = source
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    const opening = open()
    try {
      const listener = await orAborted(opening, signal)
      for (;;) {
        yield await orAborted(listener.read(), signal)
        attempt = 0
        await waitForNews(listener, source)
      }
    } catch (err) {
      if (signal.aborted || isFinal(err)) throw err
      const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt) * (0.5 + random() / 2)
      logger?.warn({ err, attempt, delayMs }, 'watch lost the database, connecting again')
      await orAborted(sleep(delayMs, { signal }), signal)
    } finally {
      opening.then(
        (listener) => listener.close(),
        () => {},
      )
    }
  }
}

/** Refused or closed, or a mistake in a program. Whatever else a read fails with may pass, as while tables are restored. */
function isFinal(error: unknown): boolean {
  return !(error instanceof OrmError) || (error.code === 'UNAVAILABLE' && !error.transient)
}

/** Until something may have changed, the connection was lost, or it is time to look anyway. */
async function waitForNews(listener: Listener, { signal, pollMs, sleep }: WatchSource): Promise<void> {
  const news = new AbortController()
  const wake = () => news.abort()
  signal.addEventListener('abort', wake, { once: true })
  listener.onNews(wake)
  try {
    await sleep(pollMs, { signal: news.signal })
  } catch (error) {
    if (!news.signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', wake)
  }
  signal.throwIfAborted()
}

/** Settles as `work` does, or rejects with the signal's reason before. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

import type { Clock } from '@fullon/market'
import { ExchangeError } from './errors.js'

/** An abort without a reason makes an error with a stack, for every call. */
const DONE = 'done'

export interface Deadline {
  /** For messages. */
  readonly subject: string
  readonly clock: Clock
  /** Any of them ends the call. */
  readonly signals: readonly AbortSignal[]
  /** For everything, waiting in the queue included. Default: none. */
  readonly timeoutMs?: number | undefined
}

/**
 * Runs `call` with one signal for all that may end it, and leaves neither a timer nor a listener behind
 * (`AbortSignal.any` on a signal that lives long does).
 *
 * @throws ExchangeError `TIMEOUT`, or the reason of the signal
 */
export async function withDeadline<T>(deadline: Deadline, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { subject, clock, signals, timeoutMs } = deadline
  const end = new AbortController()
  const done = new AbortController()
  const listeners = signals.map((signal) => ({ signal, onAbort: () => end.abort(signal.reason) }))
  for (const { signal, onAbort } of listeners) {
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  }
  if (timeoutMs !== undefined) {
    clock.sleep(timeoutMs, { signal: done.signal }).then(
      () => end.abort(timedOut(subject, timeoutMs)),
      () => {}, // done in time
    )
  }
  try {
    end.signal.throwIfAborted()
    return await call(end.signal)
  } finally {
    done.abort(DONE)
    for (const { signal, onAbort } of listeners) signal.removeEventListener('abort', onAbort)
  }
}

export function timedOut(subject: string, timeoutMs: number): ExchangeError {
  return new ExchangeError('TIMEOUT', `${subject}: expected an answer within ${timeoutMs} ms, got none`)
}

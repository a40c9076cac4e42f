/** A service that runs inside this process. */
export interface Serving extends AsyncDisposable {
  /** Resolves when it was ended; rejects with what it could not go on for. */
  readonly ended: Promise<void>
  /** Ends it and waits for that. Never rejects: `ended` tells what went wrong. */
  close(): Promise<void>
}

/**
 * Starts `serve`, which holds what it needs open until `stop` aborts.
 *
 * @param signal stops it, as `close` does
 * @returns what `serve` says it is once it is ready; rejects with what it failed of before
 */
export async function startServing<Ready>(
  serve: (stop: AbortController, onReady: (ready: Ready) => void) => Promise<void>,
  signal?: AbortSignal,
): Promise<Serving & { readonly ready: Ready }> {
  const stop = new AbortController()
  const onAbort = () => stop.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort() // told before there was anybody to hear it
  let ended: Promise<void> = Promise.resolve()
  const ready = await new Promise<Ready>((resolve, reject) => {
    ended = serve(stop, resolve).finally(() => signal?.removeEventListener('abort', onAbort))
    ended.catch(reject)
  })
  const close = () => {
    stop.abort()
    return ended.catch(() => {}) // `ended` tells it
  }
  return { ready, ended, close, [Symbol.asyncDispose]: close }
}

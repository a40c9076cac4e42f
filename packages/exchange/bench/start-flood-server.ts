import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface FloodOptions {
  /** A subscription is answered with every trade at once; else each active symbol gets five trades a second. */
  readonly floods: boolean
  readonly trades: number
  /** Epoch milliseconds of the first trade; each is a millisecond after the one before. */
  readonly start: number
  /** Symbols that are traded. */
  readonly active: number
}

/** In a process of its own, so that only the client's work is measured. */
export async function startFloodServer(options: FloodOptions): Promise<{ url: string; process: ChildProcess }> {
  const file = fileURLToPath(new URL('./flood-server.ts', import.meta.url))
  const child = fork(file, [JSON.stringify(options)])
  const [url] = await once(child, 'message')
  return { url, process: child }
}

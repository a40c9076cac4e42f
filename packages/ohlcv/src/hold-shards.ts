import type { Clock } from '@fullon/market'
import type { CollectLogger } from './collect.js'
import { OhlcvError } from './errors.js'
import { openShards, type ShardOptions, type Shards } from './open-shards.js'

export interface HoldOptions extends ShardOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of those held each time they change; of none at once when they are lost. Ends what runs for the others. */
  readonly onHeld: (held: readonly number[]) => void | Promise<void>
  readonly logger: CollectLogger
}

const RETRY_MS = 5_000

/** Takes what shards are free, again after each loss of the connection, until `signal` aborts. */
export async function holdShards({ clock, signal, onHeld, logger, ...options }: HoldOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      const shards = await openShards(options)
      await hold(shards, signal, onHeld, logger)
    } catch (err) {
      if (!(err instanceof OhlcvError)) throw err
      logger.warn({ err, delayMs: RETRY_MS }, 'shards lost, trying again')
      await clock.sleep(RETRY_MS, { signal }).catch(() => {})
    }
  }
}

async function hold(shards: Shards, signal: AbortSignal, onHeld: HoldOptions['onHeld'], logger: CollectLogger) {
  const told: Promise<void>[] = []
  const close = () => shards.close()
  const tell = async (held: readonly number[]) => {
    const telling = (async () => onHeld(held))()
    told.push(telling)
    await telling.catch(close) // what failed there is thrown below
  }
  // What runs is ended before the locks go: another process starts at once.
  const onAbort = () => void tell([]).then(close)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) return
    if (shards.held.length === 0) logger.info({}, 'standing by for a shard')
    for await (const { index } of shards) {
      if (signal.aborted) continue // nothing starts again at the end
      logger.info({ shard: index }, 'shard taken')
      void tell(shards.held)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!signal.aborted) void tell([])
    await Promise.all(told).finally(close)
  }
}

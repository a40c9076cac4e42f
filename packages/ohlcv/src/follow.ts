import type { Clock } from '@fullon/market'
import type { ConvergeLogger } from './converge.js'

export interface FollowOptions<Batch> {
  readonly clock: Clock
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  readonly signal: AbortSignal
  /** One subscription. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<Batch>
  readonly save: (batch: Batch) => Promise<void>
  /** Told when a subscription ended: what comes until the next one is a gap. */
  readonly onBreak?: (error: unknown) => void
  readonly logger?: ConvergeLogger | undefined
}

// For a store that is away, or a refusal; a socket that cannot be had is the exchange package's to wait for.
// Full jitter over 1, 2, 4 … 60 s, from the start again after a subscription that held for a minute.
const BACKOFF_BASE_MS = 1_000
const BACKOFF_MAX_MS = 60_000
const STABLE_MS = 60_000

/** Keeps one subscription after another until `signal` aborts. A batch that cannot be stored ends one too. */
export async function follow<Batch>(options: FollowOptions<Batch>): Promise<void> {
  const { clock, random, signal, watch, save, onBreak, logger } = options
  for (let attempt = 0; !signal.aborted; attempt++) {
    const startedAt = clock.now()
    try {
      for await (const batch of watch(signal)) await save(batch)
      throw new Error('stream: expected one that goes on, got its end')
    } catch (err) {
      onBreak?.(err)
      if (signal.aborted) return
      if (clock.now() - startedAt > STABLE_MS) attempt = 0
      const delayMs = random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempt)
      logger?.warn({ err, attempt, delayMs }, 'stream ended, subscribing again')
      await clock.sleep(delayMs, { signal }).catch(() => {})
    }
  }
}

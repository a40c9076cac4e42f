import type { Clock, Series } from '@fullon/market'
import { applyRetention } from './apply-retention.js'
import type { CollectLogger } from './collect.js'
import type { OhlcvDatabase } from './open-ohlcv.js'

export interface MaintainOptions {
  /** How long rows of a series are kept, milliseconds; undefined for ever. */
  readonly keepMs: (series: Series) => number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly logger: CollectLogger
  /** Milliseconds. Default one hour. */
  readonly everyMs?: number
}

// After a start there is more urgent work.
const FIRST_MS = 60_000

/** Does now and then what keeps a growing store small and fast, until `signal` aborts: retention. */
export async function maintain(
  db: OhlcvDatabase,
  { keepMs, clock, signal, logger, everyMs = 3_600_000 }: MaintainOptions,
): Promise<void> {
  for (let waitMs = FIRST_MS; ; waitMs = everyMs) {
    await clock.sleep(waitMs, { signal }).catch(() => {})
    if (signal.aborted) return
    for (const kind of ['candles', 'trades'] as const) {
      try {
        const dropped = await applyRetention(db, { kind, now: clock.now(), keepMs })
        if (dropped.partitions + dropped.rows > 0)
          logger.info({ kind, ...dropped }, 'dropped what is not kept any longer')
      } catch (err) {
        logger.warn({ err, kind, delayMs: everyMs }, 'retention not applied, trying again later')
      }
    }
  }
}

import type { Clock, Series } from '@fullon/market'
import { applyRetention } from './apply-retention.js'
import type { CollectLogger } from './collect.js'
import type { OhlcvDatabase } from './open-ohlcv.js'
import { sealDue } from './seal-due.js'

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

/** Does now and then what keeps a growing store small and fast, until `signal` aborts: retention, and sealing of past weeks. */
export async function maintain(
  db: OhlcvDatabase,
  { keepMs, clock, signal, logger, everyMs = 3_600_000 }: MaintainOptions,
): Promise<void> {
  const retain = async (kind: 'candles' | 'trades') => {
    const dropped = await applyRetention(db, { kind, now: clock.now(), keepMs, signal })
    if (dropped.partitions + dropped.rows > 0) logger.info({ kind, ...dropped }, 'dropped what is not kept any longer')
  }
  const seal = async () => {
    const { sealed, busy, left } = await sealDue(db, { now: clock.now(), signal })
    if (sealed.length > 0) logger.info({ sealed, busy: busy.length, left: left.length }, 'sealed past weeks')
  }
  const tasks = [() => retain('candles'), () => retain('trades'), seal]
  for (let waitMs = FIRST_MS; ; waitMs = everyMs) {
    await clock.sleep(waitMs, { signal }).catch(() => {})
    for (const task of tasks) {
      if (signal.aborted) return
      await task().catch((err) => {
        if (!signal.aborted) logger.warn({ err, delayMs: everyMs }, 'maintenance failed, trying again later')
      })
    }
  }
}

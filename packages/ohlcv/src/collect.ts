import type { Clock, EpochMs, Page, Span } from '@fullon/market'
import { type ConvergeState, converge } from './converge.js'
import { follow } from './follow.js'
import type { SaveResult } from './merge-rows.js'
import { noteSave, type SeriesStatus } from './series-status.js'

/** Of a pino logger, or anything with these methods. */
export interface CollectLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** One series: where its records come from, what it lacks, and where they go. */
export interface Collection<Row extends { readonly timestamp: EpochMs }, Batch> {
  readonly status: SeriesStatus
  /** One subscription; absent where there is none to be had. */
  readonly watch?: ((signal: AbortSignal) => AsyncIterable<Batch>) | undefined
  /** What of a batch is to be stored. */
  pagesOf(batch: Batch): readonly Page<Row>[]
  /** Told of a batch once it is stored; what it throws is only logged. */
  onStored(batch: Batch): Promise<void>
  /** What is missing, most urgent first. */
  next(): Promise<readonly Span[]>
  /** A page of a span that is missing. */
  fetch(gap: Span, signal: AbortSignal): Promise<Page<Row>>
  save(page: Page<Row>): Promise<SaveResult>
}

export interface CollectOptions {
  readonly clock: Clock
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
  /** The exchange's time. */
  readonly now: () => EpochMs
  readonly signal: AbortSignal
  readonly logger: CollectLogger
}

/**
 * Two loops around one ledger, the stored coverage: `watch` moves its right edge, `next` and `fetch` close its gaps.
 * Runs until `signal` aborts; whatever fails is tried again.
 */
export async function collect<Row extends { readonly timestamp: EpochMs }, Batch>(
  collection: Collection<Row, Batch>,
  { clock, random, now, signal, logger }: CollectOptions,
): Promise<void> {
  const { status, watch } = collection
  const store = async (page: Page<Row>) => {
    const startedAt = performance.now()
    const saved = await collection.save(page)
    noteSave(status, page, saved, performance.now() - startedAt)
    const { corrected, deleted } = saved
    if (corrected + deleted > 0)
      logger.info({ ...page.covered, corrected, deleted }, 'stored rows were not right any more')
  }
  let isStored = true
  const save = async (batch: Batch) => {
    for (const page of collection.pagesOf(batch)) {
      isStored = false
      await store(page)
      isStored = true
    }
    if (isStored) status.liveSince ??= now() // while the store is away a new subscription alone does not keep up
    await collection.onStored(batch).catch((err) => logger.warn({ err }, 'newest records not published'))
  }
  const onBreak = () => {
    if (status.liveSince !== undefined) status.freshAt = clock.now()
    delete status.liveSince
  }
  const fill = async (gap: Span) => {
    const page = await collection.fetch(gap, signal)
    await store(page)
    return page.unavailable !== undefined || (page.covered !== undefined && page.covered.until > gap.since)
  }
  await Promise.all([
    watch && follow({ clock, random, signal, watch, save, onBreak, logger }),
    converge({ clock, signal, next: () => collection.next(), fill, ...reportTo(status, clock), logger }),
  ])
  status.state = 'stopped'
}

function reportTo(status: SeriesStatus, clock: Clock) {
  const onState = (state: ConvergeState, gaps: number) => {
    Object.assign(status, { state, gaps })
    if (state !== 'idle') return
    status.freshAt = clock.now()
    delete status.error
  }
  const onError = (error: unknown) => {
    status.error = String(error)
  }
  return { onState, onError }
}

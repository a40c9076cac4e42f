import type { Clock, EpochMs, Page, Span } from '@fullon/market'
import { type ConvergeState, converge } from './converge.js'
import { follow } from './follow.js'
import type { SaveResult } from './merge-rows.js'
import { Publisher } from './publisher.js'
import { noteSave, type SeriesStatus, Troubles } from './series-status.js'

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
  /** Told of each batch once it is stored, one after the other; nothing waits for it, and what it throws is only logged. */
  onStored(batch: Batch): Promise<void>
  /** How far the exchange's answers hold right now, as `next` takes it: a gap that ends there is the present's. */
  horizon(): EpochMs
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
  /** Shared with the series that have the same cache. Default: one of its own. */
  readonly publisher?: Publisher | undefined
}

// Where pages come faster than this, what is most urgent is not looked for after each; either way, as clocks are set back.
const NEXT_MS = 1_000

/**
 * Two loops around one ledger, the stored coverage: `watch` moves its right edge, `next` and `fetch` close its gaps.
 * Runs until `signal` aborts; whatever fails is tried again.
 */
export async function collect<Row extends { readonly timestamp: EpochMs }, Batch>(
  collection: Collection<Row, Batch>,
  options: CollectOptions,
): Promise<void> {
  const { clock, random, now, signal, logger, publisher = new Publisher({ clock, logger }) } = options
  const { status, watch } = collection
  const troubles = new Troubles(status)
  const line = publisher.line((batch: Batch) => collection.onStored(batch))
  const store = storeOf(collection, logger)
  let isStored = true
  const save = async (batch: Batch) => {
    for (const page of collection.pagesOf(batch)) {
      isStored = false
      await store(page)
      isStored = true
    }
    if (isStored) status.liveSince ??= now() // while the store is away a new subscription alone does not keep up
    if (isStored) troubles.clear('stream')
    line.push(batch)
  }
  const onBreak = (error: unknown) => {
    if (status.liveSince !== undefined) status.freshAt = clock.now()
    delete status.liveSince
    if (!signal.aborted) troubles.note('stream', error)
  }
  const next = async () => {
    const horizon = collection.horizon() // before they are looked for: it moves on
    const gaps = await collection.next()
    if (!gaps.some(({ until }) => until >= horizon)) status.freshAt = clock.now()
    return gaps
  }
  const fill = async (gap: Span) => {
    const startedAt = clock.now()
    for (let rest = gap; ; ) {
      const page = await collection.fetch(rest, signal)
      await store(page)
      const isFilled = page.unavailable !== undefined || (page.covered !== undefined && page.covered.until > rest.since)
      if (isFilled) troubles.clear('gap')
      const older = olderRest(rest, page)
      if (!older || Math.abs(clock.now() - startedAt) >= NEXT_MS) return isFilled
      rest = older
    }
  }
  const onState = (state: ConvergeState, gaps: number) => {
    Object.assign(status, { state, gaps })
    if (state === 'idle') troubles.clear('gap')
  }
  const onError = (error: unknown) => troubles.note('gap', error)
  await Promise.all([
    watch && follow({ clock, random, signal, watch, save, onBreak, logger }),
    converge({ clock, signal, next, fill, onState, onError, logger }),
  ])
  await line.end()
  status.state = 'stopped'
}

/** What of a gap is older than what the page has filled. */
function olderRest({ since }: Span, { covered, unavailable }: Page<unknown>): Span | undefined {
  if (unavailable || !covered || covered.since <= since) return undefined
  return { since, until: covered.since }
}

/** Saves, and says what that did. */
function storeOf<Row extends { readonly timestamp: EpochMs }, Batch>(
  collection: Collection<Row, Batch>,
  logger: CollectLogger,
) {
  return async (page: Page<Row>): Promise<void> => {
    const startedAt = performance.now()
    const saved = await collection.save(page)
    noteSave(collection.status, page, saved, performance.now() - startedAt)
    const { corrected, deleted } = saved
    if (corrected + deleted > 0)
      logger.info({ ...page.covered, corrected, deleted }, 'stored rows were not right any more')
  }
}

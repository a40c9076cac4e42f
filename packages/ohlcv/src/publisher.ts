import type { Clock, EpochMs } from '@fullon/market'
import type { CollectLogger } from './collect.js'

export interface PublisherOptions {
  readonly clock: Clock
  readonly logger: CollectLogger
}

/** Of one series. */
export interface PublishLine<Batch> {
  /** Returns at once. */
  push(batch: Batch): void
  /** Gives up what waits; resolves when what is under way has ended. */
  end(): Promise<void>
}

// While a cache is slow so many batches of a series wait, then the oldest is left out: a cache is about the newest.
const MOST_WAITING = 16
// A cache that answers now and then must not have a line for each time that it does not: so long it has not failed.
const CALM_MS = 60_000

/**
 * Tells a cache what was stored: storing never waits for it, and what fails is said once until all has succeeded
 * for a minute. One for any number of series, as they share their cache.
 */
export class Publisher {
  readonly #clock: Clock
  readonly #logger: CollectLogger
  #isFailing = false
  #failedAt: EpochMs = Number.NEGATIVE_INFINITY

  constructor({ clock, logger }: PublisherOptions) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Hands batches to `publish` in their order, one after the other. */
  line<Batch>(publish: (batch: Batch) => Promise<void>): PublishLine<Batch> {
    const waiting: Batch[] = []
    let running: Promise<void> | undefined
    const run = async () => {
      for (const batch of takeFrom(waiting)) await this.#try(() => publish(batch))
      running = undefined
    }
    return {
      push(batch) {
        waiting.push(batch)
        if (waiting.length > MOST_WAITING) waiting.shift()
        running ??= run()
      },
      async end() {
        waiting.length = 0
        await running
      },
    }
  }

  async #try(publish: () => Promise<void>): Promise<void> {
    try {
      await publish()
      this.#isFailing = false
    } catch (err) {
      const now = this.#clock.now()
      const isNews = !this.#isFailing && now - this.#failedAt >= CALM_MS
      this.#isFailing = true
      this.#failedAt = now
      if (isNews) this.#logger.warn({ err }, 'newest records not published, storing goes on')
    }
  }
}

/** The oldest first, those that come meanwhile included. */
function* takeFrom<Item>(items: Item[]): Generator<Item, void> {
  while (items.length > 0) yield* items.splice(0, 1)
}

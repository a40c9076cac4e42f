import type { Clock, EpochMs, Span } from '@fullon/market'

/** Of a pino logger, or anything with these methods. */
export interface ConvergeLogger {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** `filling` a gap, `cooling` because each one that is left failed lately, or `idle` because there is none. */
export type ConvergeState = 'filling' | 'cooling' | 'idle'

export interface ConvergeOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What is missing, most urgent first. */
  readonly next: () => Promise<readonly Span[]>
  /** Fetches and saves some of a span; whether that brought anything. */
  readonly fill: (span: Span) => Promise<boolean>
  /** Told before each step what it is and how many spans are missing. */
  readonly onState?: (state: ConvergeState, gaps: number) => void
  /** Told of what `next` or `fill` threw; the loop goes on. */
  readonly onError?: (error: unknown) => void
  readonly logger?: ConvergeLogger | undefined
}

// A gap that failed waits while others go on; the exchange may be down for minutes.
const COOL_DOWN_MS = 60_000
// With nothing to do: a quarter of the shortest timeframe.
const IDLE_MS = 15_000

/** Fills gaps until `signal` aborts: first start, restart, outage and a wider configuration all end here. */
export async function converge(options: ConvergeOptions): Promise<void> {
  const { clock, signal, next, fill, onState, onError, logger } = options
  const cooling = new CoolDowns(clock)
  const turns = new Turns()
  while (!signal.aborted) {
    let gap: Span | undefined
    try {
      const gaps = await next()
      gap = turns.take(gaps.filter((span) => !cooling.has(span)))
      onState?.(gap ? 'filling' : gaps.length > 0 ? 'cooling' : 'idle', gaps.length)
      if (!gap) {
        await clock.sleep(IDLE_MS, { signal })
        continue
      }
      const filled = await fill(gap)
      if (!filled) cooling.add(gap)
      logger?.debug({ ...gap, filled }, 'page')
    } catch (err) {
      if (signal.aborted) return
      onError?.(err)
      logger?.warn({ ...gap, err, delayMs: gap ? COOL_DOWN_MS : IDLE_MS }, 'gap not filled, trying again later')
      if (gap) cooling.add(gap)
      else await clock.sleep(IDLE_MS, { signal }).catch(() => {}) // the store is away
    }
  }
}

/**
 * Where a page takes longer than the present takes to open the next gap (polled series, a busy exchange), the present
 * would have every page: it shares them with what has waited longest.
 */
class Turns {
  #filled: Span | undefined

  /** @param open most urgent first */
  take(open: readonly Span[]): Span | undefined {
    const [first] = open
    const isPresents = this.#filled !== undefined && first !== undefined && first.since >= this.#filled.until
    const gap = isPresents ? open.at(-1) : first
    this.#filled = isPresents ? undefined : gap
    return gap
  }
}

/**
 * Gaps that failed lately. One is known by either end: the right one moves with the present, the left one with what is
 * wanted, and what was filled in between leaves the other.
 */
class CoolDowns {
  readonly #clock: Clock
  readonly #failed: { readonly gap: Span; readonly until: EpochMs }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(gap: Span): void {
    this.#failed.push({ gap, until: this.#clock.now() + COOL_DOWN_MS })
  }

  has({ since, until }: Span): boolean {
    while ((this.#failed[0]?.until ?? Number.POSITIVE_INFINITY) <= this.#clock.now()) this.#failed.shift()
    return this.#failed.some(({ gap }) => gap.since === since || gap.until === until)
  }
}

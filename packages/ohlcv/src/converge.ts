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
  /** Told of what `next` or `fill` threw; the loop goes on, after its `retryAfterMs` where it has one. */
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
  let filledLast: Span | undefined
  while (!signal.aborted) {
    let gap: Span | undefined
    let missing = 0
    try {
      const gaps = await next()
      missing = gaps.length
      gap = turns.take(gaps.filter((span) => !cooling.has(span)))
      if (gap && isSame(gap, filledLast)) {
        cooling.add(gap) // what was filled is missing as before, and would be at every step
        filledLast = undefined
        continue
      }
      onState?.(gap ? 'filling' : missing > 0 ? 'cooling' : 'idle', missing)
      if (!gap) {
        await clock.sleep(IDLE_MS, { signal })
        continue
      }
      const filled = await fill(gap)
      if (!filled) cooling.add(gap)
      filledLast = filled ? gap : undefined
      logger?.debug({ ...gap, filled }, 'page')
    } catch (err) {
      if (signal.aborted) return
      onError?.(err)
      if (gap) cooling.add(gap)
      // A ban holds for every gap; without a gap it is the store that is away.
      const pauseMs = retryAfterMsOf(err) ?? (gap ? 0 : IDLE_MS)
      const delayMs = gap ? Math.max(COOL_DOWN_MS, pauseMs) : pauseMs
      logger?.warn({ ...gap, err, delayMs }, 'gap not filled, trying again later')
      if (pauseMs === 0) continue
      if (gap) onState?.('cooling', missing)
      await clock.sleep(pauseMs, { signal }).catch(() => {})
    }
  }
}

function isSame(gap: Span, other: Span | undefined): boolean {
  return gap.since === other?.since && gap.until === other.until
}

/** Milliseconds for which nobody is to be asked. */
function retryAfterMsOf(error: unknown): number | undefined {
  const { retryAfterMs } = Object(error) as { readonly retryAfterMs?: unknown } // cast: looked at below
  return typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : undefined
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
  /** By either end of a gap, in the order in which they are over. */
  readonly #over = new Map<string, EpochMs>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(gap: Span): void {
    for (const end of endsOf(gap)) {
      this.#over.delete(end)
      this.#over.set(end, this.#clock.now() + COOL_DOWN_MS)
    }
  }

  has(gap: Span): boolean {
    for (const [end, until] of this.#over) {
      if (until > this.#clock.now()) break
      this.#over.delete(end)
    }
    return endsOf(gap).some((end) => this.#over.has(end))
  }
}

function endsOf({ since, until }: Span): readonly string[] {
  return [`since ${since}`, `until ${until}`]
}

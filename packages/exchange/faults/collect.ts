import { type Candle, type Clock, type EpochMs, type Page, type Span, subtractSpans } from '@fullon/market'
import { ExchangeError, type ExchangeHandler } from '../src/index.js'

/** What one series gave, and by the exchange's clock when. */
export interface Delivered<Row> {
  readonly exchange: string
  readonly symbol: string
  readonly pages: {
    readonly page: Page<Row>
    readonly askedAt: EpochMs
    readonly at: EpochMs
    /** Counts the subscriptions. */
    readonly run: number
  }[]
}

export interface Collecting {
  readonly clock: Clock
  /** The exchange's time. */
  readonly serverNow: () => EpochMs
  readonly signal: AbortSignal
}

/** At the edge of what has settled a page is asked for this often. */
const EDGE_MS = 90_000
const AGAIN_MS = 1_000

/** Subscribes again and again, as a collector does. */
export async function keepFollowing<Row>(
  { pages: delivered }: Delivered<Row>,
  watch: () => AsyncIterable<readonly Page<Row>[]>,
  { clock, serverNow, signal }: Collecting,
): Promise<void> {
  for (let run = 0; !signal.aborted; run++) {
    const askedAt = serverNow()
    try {
      for await (const pages of watch())
        for (const page of pages) delivered.push({ page, askedAt, at: serverNow(), run })
    } catch (error) {
      await rest(error, { clock, signal })
    }
  }
}

/** Reads what is not final yet, newest first, and so over and over what has just settled. */
export async function keepReading<Row>(
  { pages: delivered }: Delivered<Row>,
  read: (gap: Span) => Promise<Page<Row>>,
  since: EpochMs,
  { clock, serverNow, signal }: Collecting,
): Promise<void> {
  const final: Span[] = []
  let edgeAt = 0
  while (!signal.aborted) {
    const askedAt = serverNow()
    const gaps = subtractSpans([{ since, until: askedAt }], final)
    const isDue = askedAt >= edgeAt
    const gap = isDue ? gaps.at(-1) : gaps.at(-2)
    try {
      if (!gap) await clock.sleep(Math.max(AGAIN_MS, edgeAt - askedAt), { signal })
      else {
        if (isDue) edgeAt = askedAt + EDGE_MS
        const page = await read(gap)
        delivered.push({ page, askedAt, at: serverNow(), run: delivered.length })
        const { covered, confirmedUntil = 0 } = page
        if (covered && confirmedUntil > covered.since) final.push({ since: covered.since, until: confirmedUntil })
      }
    } catch (error) {
      await rest(error, { clock, signal })
    }
  }
}

export async function* settledPages(
  handler: ExchangeHandler,
  symbol: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Page<Candle>[]> {
  for await (const { settled } of handler.watchOhlcv(symbol, '1m', { signal })) yield settled
}

async function rest(error: unknown, { clock, signal }: Pick<Collecting, 'clock' | 'signal'>): Promise<void> {
  if (signal.aborted) return
  if (!(error instanceof ExchangeError)) throw error
  await clock.sleep(Math.max(AGAIN_MS, error.retryAfterMs ?? 0), { signal }).catch(() => {})
}

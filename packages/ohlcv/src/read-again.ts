import { normalizeSpans, type Page, type Span, subtractSpans } from '@fullon/market'

export interface ReadAgainOptions<Row> {
  /** One page of a span: of its end or of its beginning, whatever the exchange can. */
  readonly fetch: (span: Span) => Promise<Page<Row>>
  readonly signal?: AbortSignal | undefined
}

/** A page, and what is still to be asked for after it. */
export interface PageAgain<Row> {
  readonly page: Page<Row>
  readonly left: readonly Span[]
}

/**
 * Asks an exchange for all of `spans`, the newest first, whatever is stored of them. A span of which a page brings
 * nothing is given up, and is in no later `left`; its page may say in `unavailable` why.
 */
export async function* readAgain<Row>(
  spans: readonly Span[],
  { fetch, signal }: ReadAgainOptions<Row>,
): AsyncGenerator<PageAgain<Row>, void> {
  let left = normalizeSpans(spans)
  for (let span = left.at(-1); span; span = left.at(-1)) {
    signal?.throwIfAborted()
    const page = await fetch(span)
    const rest = page.covered ? subtractSpans([span], [page.covered]) : [span]
    const isStuck = rest.length === 1 && rest[0]?.since === span.since && rest[0].until === span.until
    left = [...left.slice(0, -1), ...(isStuck ? [] : rest)]
    yield { page, left }
  }
}

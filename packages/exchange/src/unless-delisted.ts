import type { EpochMs, Page, Span } from '@fullon/market'
import { ExchangeError, type ExchangeErrorCode } from './errors.js'
import type { Markets } from './markets.js'

interface Asked {
  readonly symbol: string
  readonly since?: EpochMs | undefined
  readonly until?: EpochMs | undefined
}

/** The same refusal has many names: kraken's "Unknown asset pair" is for ccxt no bad symbol. */
const REFUSALS: ReadonlySet<ExchangeErrorCode> = new Set(['REQUEST_REFUSED', 'SYMBOL_UNKNOWN'])

/**
 * What `read` gives; or that it is not to be had any more, once a symbol that the exchange refuses is surely delisted.
 * Until that is sure the error stands: in a maintenance everything may be unknown.
 */
export async function unlessDelisted<Row>(
  { symbol, since, until }: Asked,
  markets: Markets,
  read: () => Promise<Page<Row>>,
): Promise<Page<Row>> {
  try {
    return await read()
  } catch (error) {
    const lost = since === undefined || until === undefined ? undefined : lostSpan(error, { since, until })
    if (!lost || !(await markets.isDelisted(symbol))) throw error
    return { rows: [], unavailable: { ...lost, reason: `${symbol}: delisted` } }
  }
}

/** All that was asked for, where it was refused; some exchanges go on to serve what there is, and have no newest page. */
function lostSpan(error: unknown, asked: Span): Span | undefined {
  if (!(error instanceof ExchangeError)) return undefined
  return REFUSALS.has(error.code) ? asked : error.silent
}

import { type EpochMs, type Page, type Span, subtractSpans } from '@fullon/market'
import { ExchangeError } from './errors.js'

export interface Vouching<Row> {
  /** For messages. */
  readonly subject: string
  /** Ascending; what lies outside of the page is left out. */
  readonly rows: readonly Row[]
  readonly span: Span
  /** Before this the answer is final. */
  readonly finalBefore: EpochMs
  /** Where a row had to be refused. */
  readonly refused: readonly Span[]
}

/** A page over `span`, or over its longest part without a refused row: what is not known is not vouched for. */
export function vouch<Row extends { readonly timestamp: EpochMs }>(vouching: Vouching<Row>): Page<Row> {
  const { subject, rows, span, finalBefore, refused } = vouching
  if (span.until <= span.since) return { rows: [] }
  const clean = subtractSpans([span], refused)
  const covered = clean.reduce<Span | undefined>(
    (longest, part) => (longest && part.until - part.since <= longest.until - longest.since ? longest : part),
    undefined,
  )
  if (!covered) {
    const where = `${new Date(span.since).toISOString()} to ${new Date(span.until).toISOString()}`
    throw new ExchangeError('BAD_RESPONSE', `${subject}: expected valid rows, got none between ${where}`)
  }
  const confirmedUntil = Math.min(covered.until, finalBefore)
  return {
    rows: rows.filter(({ timestamp }) => covered.since <= timestamp && timestamp < covered.until),
    covered,
    ...(confirmedUntil > covered.since ? { confirmedUntil } : {}),
  }
}

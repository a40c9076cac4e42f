import type { EpochMs } from './epoch-ms.js'
import type { Span } from './spans.js'

/**
 * Records with the span they vouch for: what the exchange package gives and the storage saves.
 * `rows` are ascending and lie inside `covered`; no `covered` means the rows vouch for nothing.
 */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** The exchange answered for all of this: what is not in `rows` did not happen. */
  readonly covered?: Span
  /** The part of `covered` before this had settled when the exchange answered: it is final. */
  readonly confirmedUntil?: EpochMs
  /** What the exchange has proved it cannot serve. */
  readonly unavailable?: Unavailable
}

export interface Unavailable extends Span {
  /** For a person, such as `kraken serves the 720 newest candles`. */
  readonly reason: string
}

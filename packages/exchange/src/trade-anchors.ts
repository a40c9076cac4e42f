import type { EpochMs, Trade } from '@fullon/market'

export interface Anchor {
  readonly id: bigint
  readonly timestamp: EpochMs
}

// Enough for a search and for the edges of a few gaps; older ones are found again.
const KEPT = 200

/** Trades whose id and time are known: where to look for a time on an exchange that pages by id alone. */
export class TradeAnchors {
  /** Ascending by id, and so by time. */
  #anchors: Anchor[] = []

  /** Remembers both ends of a page, and where its first millisecond ends. */
  add(trades: readonly Trade[]): void {
    const [first] = trades
    const next = trades.find(({ timestamp }) => timestamp > (first?.timestamp ?? 0))
    for (const trade of [first, next, trades.at(-1)]) if (trade) this.#insert(trade)
  }

  /** The oldest known trade at or after `timestamp`. */
  after(timestamp: EpochMs): Anchor | undefined {
    return this.#anchors.find((anchor) => anchor.timestamp >= timestamp)
  }

  /** The newest known trade before `timestamp`. */
  before(timestamp: EpochMs): Anchor | undefined {
    return this.#anchors.findLast((anchor) => anchor.timestamp < timestamp)
  }

  /** The newest known trade with a smaller id. */
  below(id: bigint): Anchor | undefined {
    return this.#anchors.findLast((anchor) => anchor.id < id)
  }

  #insert({ id, timestamp }: Trade): void {
    const anchor = { id: BigInt(id), timestamp }
    if (this.#anchors.some((known) => known.id === anchor.id)) return
    const place = this.#anchors.findIndex((known) => known.id > anchor.id)
    this.#anchors.splice(place < 0 ? this.#anchors.length : place, 0, anchor)
    if (this.#anchors.length > KEPT) this.#anchors.splice(Math.floor(this.#anchors.length / 2), 1)
  }
}

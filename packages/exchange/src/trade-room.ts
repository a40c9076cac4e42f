/** About 64 MB, and what a flood of 80,000 a second brings in the time that a trade may be late. */
const LIMIT = 400_000

/**
 * How many trades the streams of one exchange may hold while their consumers are busy: in a database outage all of
 * them wait together. Whoever holds less than an equal share is not turned away for what others hold; so at most twice
 * the limit is held.
 */
export class TradeRoom {
  readonly limit: number
  #held = 0
  #tenants = 0

  constructor(limit = LIMIT) {
    this.limit = limit
  }

  get held(): number {
    return this.#held
  }

  enter(): void {
    this.#tenants++
  }

  leave(): void {
    this.#tenants--
  }

  /** A tenant holds this many more, or less. */
  change(trades: number): void {
    this.#held += trades
  }

  /** Whether a tenant that holds `own` must not hold more. */
  isFull(own: number): boolean {
    return this.#held >= this.limit && own >= this.limit / this.#tenants
  }
}

/** How one symbol of a seeded market trades. */
export interface MarketSymbol {
  /** ccxt unified: `BTC/USD`. */
  readonly symbol: string
  /** The price it starts from, in quote per base. */
  readonly price: number
  /** Digits after the point, 0 to 8. Default 2. */
  readonly priceDecimals?: number
  /** A usual amount of one trade, in base units. */
  readonly amount: number
  /** On average while it is not quiet, up to 40. Default 12. */
  readonly tradesPerMinute?: number
  /** Share of its minutes that are quiet, in stretches of 2 to 13, from 0 to 0.9. Default 0. */
  readonly quiet?: number
}

/** Three busy symbols and one that is often silent. */
export const DEFAULT_SYMBOLS: readonly MarketSymbol[] = [
  { symbol: 'BTC/USD', price: 64_000, amount: 0.02, tradesPerMinute: 15 },
  { symbol: 'ETH/USD', price: 3_100, amount: 0.4, tradesPerMinute: 12 },
  { symbol: 'SOL/USD', price: 145, amount: 6, tradesPerMinute: 10 },
  { symbol: 'ADA/USD', price: 0.45, priceDecimals: 4, amount: 700, tradesPerMinute: 8, quiet: 0.35 },
]

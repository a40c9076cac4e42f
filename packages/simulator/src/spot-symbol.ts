/** The two currencies of a spot symbol. */
export interface SpotSymbol {
  /** ccxt unified: `BTC/USD`. */
  readonly symbol: string
  /** The exchange's own code of the base currency. */
  readonly base: string
  /** The exchange's own code of the quote currency. */
  readonly quote: string
}

/**
 * The currencies of `BTC/USD`, by the exchange's own codes.
 *
 * @param codes the exchange's code by ccxt's, where they differ.
 * @throws RangeError for a symbol that is not spot, base/quote, or that ccxt would give another name.
 */
export function parseSpotSymbol(
  exchange: string,
  symbol: string,
  codes: Readonly<Record<string, string>> = {},
): SpotSymbol {
  const [, base, quote] = /^([A-Z0-9]+)\/([A-Z0-9]+)$/.exec(symbol) ?? []
  if (!base || !quote)
    throw new RangeError(`${exchange} symbol: expected spot such as BTC/USD, got ${JSON.stringify(symbol)}`)
  const toCode = (name: string): string => {
    const code = codes[name] ?? name
    if (code === name && Object.values(codes).includes(name))
      throw new RangeError(`${exchange} symbol: expected ccxt's own names, got ${JSON.stringify(symbol)}`)
    return code
  }
  return { symbol, base: toCode(base), quote: toCode(quote) }
}

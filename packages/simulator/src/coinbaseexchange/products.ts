import type { History } from '../history.js'
import { parseSpotSymbol, type SpotSymbol } from '../spot-symbol.js'

export interface CoinbaseProduct extends SpotSymbol {
  /** `BTC-USD` */
  readonly id: string
  readonly priceDecimals: number
}

/** Where ccxt's codes differ from coinbase's: its `commonCurrencies` of coinbaseexchange and of every exchange, turned round. */
const CODES: Readonly<Record<string, string>> = { CELO: 'CGLD', BSV: 'BCHSV' }

/** @throws RangeError for a symbol that is not spot, base/quote. */
export function listProducts(history: History): CoinbaseProduct[] {
  return history.symbols.map((symbol) => {
    const codes = parseSpotSymbol('coinbaseexchange', symbol, CODES)
    return { ...codes, id: `${codes.base}-${codes.quote}`, priceDecimals: history.priceDecimals(symbol) }
  })
}

/** An entry of `products`. What is delisted stays there, and so does its history. */
export function describeProduct({ id, base, quote, priceDecimals }: CoinbaseProduct, isListed: boolean): object {
  return {
    id,
    base_currency: base,
    quote_currency: quote,
    quote_increment: (10 ** -priceDecimals).toFixed(priceDecimals),
    base_increment: '0.00000001',
    display_name: `${base}-${quote}`,
    min_market_funds: '1',
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    cancel_only: false,
    status: isListed ? 'online' : 'delisted',
    status_message: '',
    trading_disabled: !isListed,
    fx_stablecoin: false,
    max_slippage_percentage: '0.02000000',
    auction_mode: false,
  }
}

/** `currencies` */
export function describeCurrencies(products: readonly CoinbaseProduct[]): object[] {
  const codes = new Set(products.flatMap(({ base, quote }) => [base, quote]))
  return [...codes].map((id) => ({
    id,
    name: id,
    min_size: '0.00000001',
    status: 'online',
    message: '',
    max_precision: '0.00000001',
    convertible_to: [],
    details: { type: 'crypto' },
    default_network: '',
    supported_networks: [],
    display_name: id,
  }))
}

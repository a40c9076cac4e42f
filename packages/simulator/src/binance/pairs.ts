import type { History } from '../history.js'
import { parseSpotSymbol, type SpotSymbol } from '../spot-symbol.js'

export interface BinancePair extends SpotSymbol {
  /** `BTCUSDT`; in lower case in the names of streams. */
  readonly id: string
  readonly priceDecimals: number
}

/** Where ccxt's codes differ from binance's: its `commonCurrencies` of binance and of every exchange, turned round. */
const CODES: Readonly<Record<string, string>> = { YOYOW: 'YOYO', BSV: 'BCHSV' }

/** @throws RangeError for a symbol that is not spot, base/quote. */
export function listPairs(history: History): BinancePair[] {
  return history.symbols.map((symbol) => {
    const codes = parseSpotSymbol('binance', symbol, CODES)
    return { ...codes, id: codes.base + codes.quote, priceDecimals: history.priceDecimals(symbol) }
  })
}

/** One entry of `exchangeInfo`. */
export function describePair({ id, base, quote, priceDecimals }: BinancePair, status: 'TRADING' | 'BREAK'): object {
  return {
    symbol: id,
    status,
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
    icebergAllowed: true,
    ocoAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tick(priceDecimals), maxPrice: '0', tickSize: tick(priceDecimals) },
      { filterType: 'LOT_SIZE', minQty: tick(8), maxQty: '9000000.00000000', stepSize: tick(8) },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
  }
}

function tick(decimals: number): string {
  return (10 ** -decimals).toFixed(8)
}

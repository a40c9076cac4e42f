import type { History } from '../history.js'
import { parseSpotSymbol } from '../spot-symbol.js'

export interface KrakenAsset {
  /** `XXBT` */
  readonly id: string
  /** `XBT` */
  readonly altname: string
}

export interface KrakenPair {
  /** ccxt unified, and the name on the v2 socket: `BTC/USD`. */
  readonly symbol: string
  /** `XXBTZUSD` */
  readonly id: string
  /** `XBTUSD` */
  readonly altname: string
  /** The name on the v1 socket: `XBT/USD`. */
  readonly wsname: string
  readonly base: KrakenAsset
  readonly quote: KrakenAsset
  readonly priceDecimals: number
}

/** Kraken's oldest assets have a class letter in front: X for crypto, Z for fiat (docs.kraken.com, get-asset-info). */
const PREFIXED: Readonly<Record<string, string>> = {
  ETC: 'X',
  ETH: 'X',
  LTC: 'X',
  MLN: 'X',
  XBT: 'X',
  XDG: 'X',
  XLM: 'X',
  XMR: 'X',
  XRP: 'X',
  ZEC: 'X',
  AUD: 'Z',
  CAD: 'Z',
  EUR: 'Z',
  GBP: 'Z',
  JPY: 'Z',
  USD: 'Z',
}

/** Kraken's names where ccxt's differ: ccxt's `commonCurrencies` of kraken, turned round. */
const ALTNAMES: Readonly<Record<string, string>> = {
  BTC: 'XBT',
  DOGE: 'XDG',
  KFEE: 'FEE',
  LUNA: 'LUNA2',
  LUNC: 'LUNA',
  REP: 'REPV2',
  USTC: 'UST',
}

/** @throws RangeError for a symbol that is not spot, base/quote. */
export function listPairs(history: History): KrakenPair[] {
  return history.symbols.map((symbol) => {
    const codes = parseSpotSymbol('kraken', symbol, ALTNAMES)
    const base = toAsset(codes.base)
    const quote = toAsset(codes.quote)
    const altname = base.altname + quote.altname
    // The old names are only used when both have one: XXBTZUSD, but SOLUSD.
    const isOld = base.id !== base.altname && quote.id !== quote.altname
    return {
      symbol,
      id: isOld ? base.id + quote.id : altname,
      altname,
      wsname: `${base.altname}/${quote.altname}`,
      base,
      quote,
      priceDecimals: history.priceDecimals(symbol),
    }
  })
}

function toAsset(altname: string): KrakenAsset {
  return { id: (PREFIXED[altname] ?? '') + altname, altname }
}

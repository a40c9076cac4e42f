import type { KrakenAsset, KrakenPair } from './names.js'

const FIAT_DECIMALS = 4
const CRYPTO_DECIMALS = 10

/** `Assets`: by id. */
export function describeAssets(pairs: readonly KrakenPair[]): Record<string, object> {
  const assets = pairs.flatMap(({ base, quote }) => [base, quote])
  return Object.fromEntries(assets.map((asset) => [asset.id, describeAsset(asset)]))
}

function describeAsset({ id, altname }: KrakenAsset): object {
  const isFiat = id === `Z${altname}`
  return {
    aclass: 'currency',
    altname,
    decimals: isFiat ? FIAT_DECIMALS : CRYPTO_DECIMALS,
    display_decimals: isFiat ? 2 : 5,
    status: 'enabled',
  }
}

/** `AssetPairs`: by id. */
export function describePairs(pairs: readonly KrakenPair[]): Record<string, object> {
  return Object.fromEntries(
    pairs.map(({ id, altname, wsname, base, quote, priceDecimals }) => [
      id,
      {
        altname,
        wsname,
        aclass_base: 'currency',
        base: base.id,
        aclass_quote: 'currency',
        quote: quote.id,
        lot: 'unit',
        cost_decimals: priceDecimals,
        pair_decimals: priceDecimals,
        lot_decimals: 8,
        lot_multiplier: 1,
        leverage_buy: [],
        leverage_sell: [],
        fees: [[0, 0.4]],
        fees_maker: [[0, 0.25]],
        fee_volume_currency: 'ZUSD',
        margin_call: 80,
        margin_stop: 40,
        ordermin: '0.00000001',
        costmin: '0.5',
        tick_size: (10 ** -priceDecimals).toFixed(priceDecimals),
        status: 'online',
      },
    ]),
  )
}

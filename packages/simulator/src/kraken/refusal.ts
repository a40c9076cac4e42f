import type { KrakenPair } from './names.js'

/** What kraken says no with: `EQuery:Unknown asset pair`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** The pair that `pair=` means, by any of its three names. */
export function findPair(pairs: readonly KrakenPair[], query: URLSearchParams): KrakenPair {
  const name = query.get('pair')
  if (name === null) throw new Refusal('EGeneral:Invalid arguments')
  const pair = pairs.find(({ id, altname, wsname }) => name === id || name === altname || name === wsname)
  if (!pair) throw new Refusal('EQuery:Unknown asset pair')
  return pair
}

/** A number without sign or exponent. */
export function parseDecimal(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,20}(\.\d+)?$/.test(text)) throw new Refusal(`EGeneral:Invalid arguments:${name}`)
  return Number(text)
}

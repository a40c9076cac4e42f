import type { BinancePair } from './pairs.js'

/** What binance says no with: `{"code":-1121,"msg":"Invalid symbol."}` (its documentation, error codes). */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number
  readonly status: number

  constructor(code: number, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

export function findPair(pairs: readonly BinancePair[], query: URLSearchParams): BinancePair {
  const name = query.get('symbol')
  if (!name) throw new Refusal(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
  const pair = pairs.find(({ id }) => id === name)
  if (!pair) throw new Refusal(-1121, 'Invalid symbol.')
  return pair
}

export function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,16}$/.test(text))
    throw new Refusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`)
  return Number(text)
}

/** Binance gives the most it gives to whoever asks for more. */
export function parseLimit(query: URLSearchParams, { most, usual }: { most: number; usual: number }): number {
  const limit = parseInteger(query, 'limit') ?? usual
  if (limit < 1) throw new Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
  return Math.min(limit, most)
}

import type { CoinbaseProduct } from './products.js'

/** What coinbase says no with: `{"message":"NotFound"}`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number

  constructor(message: string, status = 400) {
    super(message)
    this.status = status
  }
}

export function findProduct(products: readonly CoinbaseProduct[], id: string | undefined): CoinbaseProduct {
  const product = products.find((candidate) => candidate.id === id)
  if (!product) throw new Refusal('NotFound', 404)
  return product
}

export function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new Refusal(`Invalid value for ${name}`)
  return Number(text)
}

import { checkKnown } from './command-error.js'

/** Which are meant; without a name all of them. */
export interface Selection {
  readonly exchange?: string | undefined
  readonly symbol?: string | undefined
}

/** @throws CommandError that names the nearest one where there is none of that name */
export function selectByName<T extends { readonly exchange: string; readonly symbol: string }>(
  all: readonly T[],
  { exchange, symbol }: Selection,
): T[] {
  if (exchange === undefined) return [...all]
  checkKnown(
    'exchange',
    exchange,
    all.map((one) => one.exchange),
  )
  const ofExchange = all.filter((one) => one.exchange === exchange)
  if (symbol === undefined) return ofExchange
  checkKnown(
    `${exchange} symbol`,
    symbol,
    ofExchange.map((one) => one.symbol),
  )
  return ofExchange.filter((one) => one.symbol === symbol)
}

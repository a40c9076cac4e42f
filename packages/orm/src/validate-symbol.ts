import { OrmError } from './errors.js'

/** What `updateframe` may be, shortest first: every timeframe that fullon's libraries can store. */
export const UPDATEFRAMES = [
  ...(['1m', '3m', '5m', '15m', '30m'] as const),
  ...(['1h', '2h', '4h', '6h', '8h', '12h', '1d', '3d', '1w'] as const),
] as const

export type Updateframe = (typeof UPDATEFRAMES)[number]

// https://docs.ccxt.com/#/README?id=contract-naming-conventions
// BASE/QUOTE, BASE/QUOTE:SETTLE, …-YYMMDD for a future, …-YYMMDD-STRIKE-C (or P) for an option.
const UNIFIED = /^(?<base>[^\s/:]+)\/(?<quote>[^\s/:]+)(?<contract>:[^\s/:-]+(-\d{6}(-[\d.]+-[CP])?)?)?$/u

export interface SymbolParts {
  readonly base: string
  readonly quote: string
  /** It settles in something: a swap, a future or an option. */
  readonly futures: boolean
}

/** @throws OrmError `INVALID` when `symbol` is not in ccxt's unified form. */
export function parseSymbol(symbol: string): SymbolParts {
  const { base, quote, contract } = UNIFIED.exec(symbol)?.groups ?? {}
  if (base && quote) return { base, quote, futures: contract !== undefined }
  throw invalid('symbol', 'ccxt unified form such as BTC/USD or BTC/USDT:USDT', symbol)
}

/** @throws OrmError `INVALID` naming the first value that cannot be stored. */
export function validateSettings({
  updateframe = '1m',
  backtest = 0,
  decimals = 0,
}: {
  readonly updateframe?: string | undefined
  readonly backtest?: number | undefined
  readonly decimals?: number | undefined
}): void {
  parseUpdateframe(updateframe)
  if (!isWhole(backtest)) throw invalid('backtest', 'a whole number of days, 0 or more', backtest)
  if (!isWhole(decimals)) throw invalid('decimals', 'a whole number, 0 or more', decimals)
}

/** @throws OrmError `INVALID` when nothing can be stored in that timeframe. */
export function parseUpdateframe(text: string): Updateframe {
  const known = UPDATEFRAMES.find((updateframe) => updateframe === text)
  if (known) return known
  throw invalid('updateframe', `one of ${UPDATEFRAMES.join(' ')}`, text)
}

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 0
}

function invalid(field: string, expected: string, got: unknown): OrmError {
  return new OrmError('INVALID', `${field}: expected ${expected}, got ${JSON.stringify(got)}`)
}

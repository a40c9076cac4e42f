import { isTimeframe, type Timeframe } from '@fullon/market'
import type { BinancePair } from './pairs.js'

/** One stream, such as `btcusdt@kline_1m`. */
export type Stream = { readonly name: string; readonly pair: BinancePair } & (
  | { readonly kind: 'trade' | 'aggTrade' | 'miniTicker' | 'ticker' }
  | { readonly kind: 'kline'; readonly timeframe: Timeframe }
)

/** `undefined` for a name that is not a stream here. */
export function toStream(pairs: readonly BinancePair[], name: string): Stream | undefined {
  const [id, kind, ...rest] = name.split('@')
  const pair = pairs.find((candidate) => candidate.id.toLowerCase() === id)
  if (!pair || !kind || rest.length > 0) return undefined
  if (kind === 'trade' || kind === 'aggTrade' || kind === 'miniTicker' || kind === 'ticker') return { name, pair, kind }
  const [, timeframe] = /^kline_(\w+)$/.exec(kind) ?? []
  return timeframe && isTimeframe(timeframe) ? { name, pair, kind: 'kline', timeframe } : undefined
}

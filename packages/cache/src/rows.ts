import type { Candle, Trade } from '@fullon/market'
import { parseJson } from './parse-json.js'

// Written by this package alone, so the shape of what is read back is trusted.
export type CandleRow = [timestamp: number, open: number, high: number, low: number, close: number, volume: number]
type TradeRow = [timestamp: number, id: string, side: Trade['side'], price: number, amount: number]

/** JSON `[timestamp, open, high, low, close, volume]`. */
export function stringifyCandle({ timestamp, open, high, low, close, volume }: Candle): string {
  return JSON.stringify([timestamp, open, high, low, close, volume] satisfies CandleRow)
}

/** @throws CacheError `INVALID` when `text`, found under `key`, is no JSON. */
export function parseCandle(text: string, key: string): Candle {
  return toCandle(parseJson(text, key) as CandleRow) // cast: as written
}

export function toCandle([timestamp, open, high, low, close, volume]: CandleRow): Candle {
  return { timestamp, open, high, low, close, volume }
}

/** JSON `[timestamp, id, side, price, amount]`. */
export function stringifyTrade({ timestamp, id, side, price, amount }: Trade): string {
  return JSON.stringify([timestamp, id, side, price, amount] satisfies TradeRow)
}

/** @throws CacheError `INVALID` when `text`, found under `key`, is no JSON. */
export function parseTrade(text: string, key: string): Trade {
  const [timestamp, id, side, price, amount] = parseJson(text, key) as TradeRow // cast: as written
  return { timestamp, id, side, price, amount }
}

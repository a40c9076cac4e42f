import type { Candle } from '@fullon/market'

export interface ChartOptions {
  /** Lines of the chart. */
  readonly height?: number
  readonly colour?: boolean
}

const GREEN = '\u001b[32m'
const RED = '\u001b[31m'
const RESET = '\u001b[0m'

/** Candlesticks as lines of text, one column a candle, the price scale at the right. */
export function candleChart(candles: readonly Candle[], { height = 12, colour = false }: ChartOptions = {}): string[] {
  if (candles.length === 0) return []
  const top = Math.max(...candles.map(({ high }) => high))
  const bottom = Math.min(...candles.map(({ low }) => low))
  const step = (top - bottom) / height || 1
  return Array.from({ length: height }, (_, line) => {
    const from = top - (line + 1) * step
    const cells = candles.map((candle) => cell(candle, from, from + step, colour))
    const price = line === 0 ? top : line === height - 1 ? bottom : undefined
    return `${cells.join('')} ${price === undefined ? '' : price.toPrecision(6)}`.trimEnd()
  })
}

/** What of a candle shows between two prices: its body, its wick, or nothing. */
function cell({ open, high, low, close }: Candle, from: number, to: number, colour: boolean): string {
  const isBody = Math.max(open, close) >= from && Math.min(open, close) <= to
  const sign = isBody ? '┃' : high >= from && low <= to ? '│' : ' '
  return colour && sign !== ' ' ? `${close >= open ? GREEN : RED}${sign}${RESET}` : sign
}

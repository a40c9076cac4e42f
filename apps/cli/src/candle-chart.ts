import type { Candle, EpochMs } from '@fullon/market'
import { paint } from './paint.js'

export interface ChartOptions {
  /** Lines of the chart. */
  readonly height?: number
  readonly colour?: boolean
}

/** Candlesticks as lines of text, one column a candle, the price scale at the right, the first and last time below. */
export function candleChart(candles: readonly Candle[], { height = 12, colour = false }: ChartOptions = {}): string[] {
  const [first, last] = [candles[0], candles.at(-1)]
  if (!first || !last) return []
  const top = Math.max(...candles.map(({ high }) => high))
  const bottom = Math.min(...candles.map(({ low }) => low))
  const step = (top - bottom) / height || 1
  const lines = Array.from({ length: height }, (_, line) => {
    const from = top - (line + 1) * step
    const cells = candles.map((candle) => cell(candle, from, from + step, colour))
    const price = line === 0 ? top : line === height - 1 ? bottom : undefined
    return `${cells.join('')} ${price === undefined ? '' : price.toPrecision(6)}`.trimEnd()
  })
  return [...lines, [shortTime(first.timestamp), shortTime(last.timestamp)].join(' … ')]
}

/** What of a candle shows between two prices: its body, its wick, or nothing. */
function cell({ open, high, low, close }: Candle, from: number, to: number, colour: boolean): string {
  const isBody = Math.max(open, close) >= from && Math.min(open, close) <= to
  const sign = isBody ? '┃' : high >= from && low <= to ? '│' : ' '
  return colour && sign !== ' ' ? paint(sign, close >= open ? 'green' : 'red') : sign
}

function shortTime(timestamp: EpochMs): string {
  return new Date(timestamp).toISOString().slice(0, 16).replace('T', ' ')
}

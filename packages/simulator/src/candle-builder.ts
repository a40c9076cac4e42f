import { type EpochMs, floorToTimeframe, type Timeframe, timeframeMs } from '@fullon/market'
import type { MarketCandle, MarketTrade } from './market.js'

/** Amounts are summed as integers of this unit, so that a volume does not depend on the order of its sum. */
const UNITS = 1e8

/** Puts the trades of one interval together. */
export class CandleBuilder {
  readonly until: EpochMs
  readonly #timestamp: EpochMs
  readonly #open: number
  #high: number
  #low: number
  #close: number
  #units = 0
  #cost = 0
  #trades = 0

  constructor(timestamp: EpochMs, timeframe: Timeframe, price: number) {
    this.#timestamp = floorToTimeframe(timestamp, timeframe)
    this.until = this.#timestamp + timeframeMs(timeframe)
    this.#open = this.#high = this.#low = this.#close = price
  }

  add(price: number, amount: number): void {
    this.#high = Math.max(this.#high, price)
    this.#low = Math.min(this.#low, price)
    this.#close = price
    // Exact up to 90 million base units a candle (2^53 / 10^8).
    this.#units += Math.round(amount * UNITS)
    this.#cost += price * amount
    this.#trades++
  }

  build(priceDecimals: number): MarketCandle {
    const volume = this.#units / UNITS
    const vwap = volume > 0 ? this.#cost / volume : this.#close
    return {
      timestamp: this.#timestamp,
      open: this.#open,
      high: this.#high,
      low: this.#low,
      close: this.#close,
      volume,
      trades: this.#trades,
      vwap: Number(vwap.toFixed(priceDecimals)),
    }
  }
}

/** Candles of ascending trades, ascending; an interval without a trade has none. */
export function buildMarketCandles(
  trades: readonly MarketTrade[],
  timeframe: Timeframe,
  priceDecimals: number,
): MarketCandle[] {
  const result: MarketCandle[] = []
  let builder: CandleBuilder | undefined
  for (const { timestamp, price, amount } of trades) {
    if (!builder || timestamp >= builder.until) {
      if (builder) result.push(builder.build(priceDecimals))
      builder = new CandleBuilder(timestamp, timeframe, price)
    }
    builder.add(price, amount)
  }
  if (builder) result.push(builder.build(priceDecimals))
  return result
}

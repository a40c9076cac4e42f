import { type Candle, type EpochMs, floorToTimeframe, type Timeframe, timeframeMs } from '@fullon/market'
import type { Market } from './market.js'
import { plainDecimal } from './plain-decimal.js'
import { createTapeMarket } from './tape-market.js'
import { TradeTape } from './trade-tape.js'

/** Amounts are whole numbers of this part of a base unit, as everywhere in the simulator. */
const UNITS = 1e8

/**
 * A market that repeats recorded candles. Its trades are made up, at most four for each: they walk from open over
 * low and high (a falling candle over high and low) to close, and their candles are exactly the recorded ones,
 * volumes included. An interval that was not recorded has no trade.
 *
 * @throws RangeError when a candle cannot be made of trades: not aligned, not ascending, prices that contradict each
 * other or are not above 0, or a volume that is not a sum of 10^-8.
 */
export function createCandleReplayMarket({
  symbol,
  candles,
  timeframe = '1m',
}: {
  symbol: string
  candles: readonly Candle[]
  timeframe?: Timeframe
}): Market {
  const prices = new Set(candles.flatMap(({ open, high, low, close }) => [open, high, low, close]))
  const decimals = [...prices].map((price) => plainDecimal(price).split('.')[1]?.length ?? 0)
  const tape = new TradeTape({ firstId: 1, priceDecimals: Math.max(0, ...new Set(decimals)) })
  let previous: EpochMs = Number.NEGATIVE_INFINITY
  for (const candle of candles) {
    const { timestamp } = candle
    if (floorToTimeframe(timestamp, timeframe) !== timestamp)
      throw bad(`a time that is a multiple of ${timeframe}`, candle)
    if (timestamp <= previous) throw bad(`a time after ${previous}`, candle)
    previous = timestamp
    appendTrades(tape, candle, timeframeMs(timeframe))
  }
  return createTapeMarket(new Map([[symbol, { tape, extend: () => {} }]]))
}

function appendTrades(tape: TradeTape, candle: Candle, length: number): void {
  const { timestamp, volume } = candle
  const path = toPath(candle)
  const units = Math.round(volume * UNITS)
  if (units / UNITS !== volume) throw bad('a volume of at most 8 decimals', candle)
  // A candle that says nothing: it was quiet.
  if (units === 0 && path.length === 1) return
  if (units < path.length) throw bad(`a volume of at least ${path.length} × 10^-8`, candle)
  const share = Math.floor(units / path.length)
  for (const [index, price] of path.entries()) {
    const own = index === 0 ? units - share * (path.length - 1) : share
    const before = path[index - 1] ?? price
    const time = timestamp + Math.floor(((index + 1) * length) / (path.length + 1))
    tape.append(time * 1000 + 1, price, own / UNITS, price < before ? 'sell' : 'buy')
  }
}

/** The prices from open to close, none twice in a row. */
function toPath(candle: Candle): number[] {
  const { open, high, low, close } = candle
  const isSound = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && Number.isFinite(high)
  if (!isSound) throw bad('prices above 0, low the lowest and high the highest', candle)
  const path = close < open ? [open, high, low, close] : [open, low, high, close]
  return path.filter((price, index) => price !== path[index - 1])
}

function bad(expected: string, candle: Candle): RangeError {
  return new RangeError(`candle replay: expected ${expected}, got ${JSON.stringify(candle)}`)
}

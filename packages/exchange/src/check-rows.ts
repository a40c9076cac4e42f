import { type Candle, type EpochMs, floorToTimeframe, type Timeframe, type Trade } from '@fullon/market'
import type { CcxtCandle, CcxtTrade } from './load-ccxt.js'

// The `Date` header has whole seconds, and the clocks of an exchange's edge and of its engine differ.
const CLOCK_TOLERANCE_MS = 5_000

type CandleFields = [timestamp: EpochMs, open: number, high: number, low: number, close: number, volume: number]

/** Why a row cannot be a candle; undefined when it can. `serverTime` is the exchange's when it answered. */
export function doubtCandle(row: CcxtCandle, timeframe: Timeframe, serverTime?: EpochMs): string | undefined {
  for (let index = 0; index < 6; index++) if (!Number.isFinite(row[index])) return 'six finite numbers'
  const [timestamp, open, high, low, close, volume] = row as CandleFields // cast: looked at
  if (floorToTimeframe(timestamp, timeframe) !== timestamp) return `a ${timeframe} open time`
  if (low > Math.min(open, close)) return 'low at or below open and close'
  if (high < Math.max(open, close)) return 'high at or above open and close'
  if (volume < 0) return 'volume of 0 or more'
  return inFuture(timestamp, serverTime)
}

/** Why a record cannot be a trade. Its id is not asked for: some exchanges have none. */
export function doubtTrade({ timestamp, side, price, amount }: CcxtTrade, serverTime?: EpochMs): string | undefined {
  if (timestamp === undefined || !Number.isSafeInteger(timestamp)) return 'a timestamp in whole milliseconds'
  if (side !== 'buy' && side !== 'sell') return 'side buy or sell'
  if (price === undefined || !Number.isFinite(price)) return 'a finite price'
  if (amount === undefined || !(amount >= 0 && Number.isFinite(amount))) return 'amount of 0 or more'
  return inFuture(timestamp, serverTime)
}

/** Only after {@link doubtCandle} found nothing. */
export function asCandle(row: CcxtCandle): Candle {
  const [timestamp, open, high, low, close, volume] = row as CandleFields // cast: checked
  return { timestamp, open, high, low, close, volume }
}

/** Only after {@link doubtTrade} found nothing. */
export function asTrade({
  timestamp,
  id,
  side,
  price,
  amount,
}: CcxtTrade): Omit<Trade, 'id'> & { id: string | undefined } {
  return { timestamp, id, side, price, amount } as Omit<Trade, 'id'> & { id: string | undefined } // cast: checked
}

function inFuture(timestamp: EpochMs, serverTime: EpochMs | undefined): string | undefined {
  if (serverTime === undefined || timestamp <= serverTime + CLOCK_TOLERANCE_MS) return undefined
  return `a time not after ${new Date(serverTime).toISOString()}`
}

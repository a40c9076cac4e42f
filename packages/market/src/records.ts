import type { EpochMs } from './epoch-ms.js'
import type { Timeframe } from './timeframe.js'

/** Open, high, low, close and volume over `[timestamp, timestamp + timeframe)`. */
export interface Candle {
  /** Open time. */
  readonly timestamp: EpochMs
  /** Prices are in quote per base. */
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Sum of the amounts traded, in base units. */
  readonly volume: number
}

/** One public print. */
export interface Trade {
  readonly timestamp: EpochMs
  /** As the exchange gives it. */
  readonly id: string
  /** The taker's. */
  readonly side: 'buy' | 'sell'
  /** Quote per base. */
  readonly price: number
  /** Base units. */
  readonly amount: number
}

/** A ticker snapshot. What the exchange does not send is absent. */
export interface Tick {
  readonly timestamp: EpochMs
  readonly last: number
  readonly bid?: number
  readonly ask?: number
  /** Base units traded in the last 24 hours. */
  readonly volume?: number
}

/** Identity of what is collected: candles have a timeframe, trades have none. */
export interface Series {
  /** ccxt id, such as `kraken`. */
  readonly exchange: string
  readonly sandbox?: boolean
  /** ccxt unified, such as `BTC/USD` or `BTC/USDT:USDT`. */
  readonly symbol: string
  readonly timeframe?: Timeframe
}

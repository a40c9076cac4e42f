import type { EpochMs, Tick } from '@fullon/market'
import type { CcxtTicker } from './load-ccxt.js'

/** ccxt's ticker as a tick; undefined without a last price. `now` stands in for the time that some exchanges do not send. */
export function parseTick({ timestamp, last, bid, ask, baseVolume }: CcxtTicker, now: EpochMs): Tick | undefined {
  if (!isPositive(last)) return undefined
  return {
    timestamp: isPositive(timestamp) ? timestamp : now,
    last,
    ...(isPositive(bid) ? { bid } : {}),
    ...(isPositive(ask) ? { ask } : {}),
    ...(isPositive(baseVolume) ? { volume: baseVolume } : {}),
  }
}

/** ccxt leaves out what is not sent, or gives null. */
function isPositive(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

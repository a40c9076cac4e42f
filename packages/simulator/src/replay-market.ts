import type { Trade } from '@fullon/market'
import type { Market } from './market.js'
import { plainDecimal } from './plain-decimal.js'
import { createTapeMarket } from './tape-market.js'
import { TradeTape } from './trade-tape.js'

/** Microseconds of one millisecond that a trade may take: 1 to 998, as in a seeded market. */
const LAST_MICROSECOND = 998

/**
 * A market that repeats recorded trades at the times they were made. Trades that share a millisecond are
 * a microsecond apart on the wire.
 *
 * @throws RangeError when the ids are not consecutive integers, the times do not ascend, or more than 998
 * trades share a millisecond.
 */
export function createReplayMarket({ symbol, trades }: { symbol: string; trades: readonly Trade[] }): Market {
  const firstId = Number(trades[0]?.id ?? 1)
  const tape = new TradeTape({ firstId, priceDecimals: Math.max(0, ...new Set(trades.map(countDecimals))) })
  let previous: Trade | undefined
  let microsecond = 0
  for (const trade of trades) {
    const { id, timestamp, price, amount, side } = trade
    if (id !== String(firstId + tape.length) || !Number.isSafeInteger(firstId)) {
      throw new RangeError(`replay: expected consecutive integers as ids, got ${id} after ${previous?.id ?? 'none'}`)
    }
    if (previous && timestamp < previous.timestamp) {
      throw new RangeError(`replay: expected ascending times, got ${timestamp} after ${previous.timestamp}`)
    }
    microsecond = timestamp === previous?.timestamp ? microsecond + 1 : 1
    if (microsecond > LAST_MICROSECOND) {
      throw new RangeError(
        `replay: expected at most ${LAST_MICROSECOND} trades a millisecond, got more at ${timestamp}`,
      )
    }
    tape.append(timestamp * 1000 + microsecond, price, amount, side)
    previous = trade
  }
  return createTapeMarket(new Map([[symbol, { tape, extend: () => {} }]]))
}

function countDecimals({ price }: Trade): number {
  return plainDecimal(price).split('.')[1]?.length ?? 0
}

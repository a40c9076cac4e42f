import type { Trade } from '@fullon/market'

/**
 * Gives trades without an id a deterministic one: what they say, and which of those that say the same in one
 * millisecond they are. Pages begin and end between milliseconds, so reading again gives the same ids.
 */
export function withIds(trades: readonly (Omit<Trade, 'id'> & { readonly id?: string | undefined })[]): Trade[] {
  const seen = new Map<string, number>()
  return trades.map((trade) => {
    if (trade.id) return { ...trade, id: trade.id }
    const { timestamp, side, price, amount } = trade
    const says = `${timestamp}-${side}-${price}-${amount}`
    const nth = seen.get(says) ?? 0
    seen.set(says, nth + 1)
    return { ...trade, id: `${says}-${nth}` }
  })
}

import { describe, expect, it } from 'vitest'
import { withIds } from '../src/trade-ids.js'

const TRADE = { timestamp: 5, side: 'buy', price: 100, amount: 2 } as const

describe('trades without an id', () => {
  it('get one that is the same when they are read again, and differs where they are told apart by nothing else', () => {
    const trades = [TRADE, { ...TRADE, price: 101 }, TRADE, { ...TRADE, timestamp: 6 }]
    const ids = withIds(trades).map(({ id }) => id)
    expect(ids).toEqual(['5-buy-100-2-0', '5-buy-101-2-0', '5-buy-100-2-1', '6-buy-100-2-0'])
    expect(withIds(trades.slice(0, 2)).map(({ id }) => id)).toEqual(ids.slice(0, 2))
  })

  it('keep the one they have', () => {
    expect(withIds([{ ...TRADE, id: '77' }])[0]!.id).toBe('77')
  })
})

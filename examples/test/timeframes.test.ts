import { TIMEFRAMES } from '@fullon/market'
import { UPDATEFRAMES } from '@fullon/orm'
import { expect, it } from 'vitest'

// The two packages do not know each other: here both are seen.
it('a symbol may have exactly the timeframes that candles can be stored in', () => {
  expect(UPDATEFRAMES).toEqual(TIMEFRAMES)
})

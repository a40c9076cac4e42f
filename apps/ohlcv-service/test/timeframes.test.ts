import { TIMEFRAMES } from '@fullon/market'
import { UPDATEFRAMES } from '@fullon/orm'
import { expect, test } from 'vitest'

test('every timeframe that a symbol may be given can be stored, and the other way round', () => {
  expect([...UPDATEFRAMES]).toEqual(TIMEFRAMES)
})

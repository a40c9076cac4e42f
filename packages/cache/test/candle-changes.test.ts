import type { Candle } from '@fullon/market'
import { expect, it } from 'vitest'
import { mergeChanges, stringifyChange } from '../src/candle-changes.js'
import { stringifyCandle } from '../src/rows.js'

it('does not show a candle as forming that closed in a later message', () => {
  const messages = [message([], candle(2)), message([candle(2)])]
  expect(mergeChanges(messages, 'channel')).toEqual({ candles: [candle(2)] })
  expect(mergeChanges([...messages, message([], candle(3))], 'channel')).toEqual({
    candles: [candle(2)],
    forming: candle(3),
  })
})

it('shows candles ascending, whatever the order of the messages, each as it was said last', () => {
  const corrected = { ...candle(3), close: 9 }
  const messages = [message([candle(3)]), message([candle(1), candle(2)]), message([corrected]), message([candle(0)])]
  expect(mergeChanges(messages, 'channel').candles).toEqual([candle(0), candle(1), candle(2), corrected])
})

it('says where something was published that is no JSON', () => {
  expect(() => mergeChanges(['{'], 'ohlcv:changes:a')).toThrow('ohlcv:changes:a: expected JSON, got {')
})

function message(candles: readonly Candle[], forming?: Candle): string {
  return stringifyChange(candles.map(stringifyCandle), forming && stringifyCandle(forming))
}

function candle(timestamp: number): Candle {
  return { timestamp, open: 1, high: 2, low: 0.5, close: 1.5, volume: 3 }
}

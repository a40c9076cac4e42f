import { expect, test } from 'vitest'
import { plainDecimal } from '../src/plain-decimal.js'

test.each([
  [1e-8, '0.00000001'],
  [1.25e-7, '0.000000125'],
  [-1.5e-7, '-0.00000015'],
  [1e21, '1000000000000000000000'],
  [1.5e22, '15000000000000000000000'],
  [60000.1, '60000.1'],
  [0, '0'],
])('%d is written %s, so that no client meets an exponent', (value, text) => {
  expect(plainDecimal(value)).toBe(text)
  expect(Number(text)).toBe(value)
})

test('loses no bit of amounts of 8 decimals and of volumes', () => {
  for (let units = 1; units < 1e15; units = units * 7 + 3) {
    expect(plainDecimal(units / 1e8)).toMatch(/^\d+(\.\d{1,8})?$/)
    expect(Number(plainDecimal(units / 1e8))).toBe(units / 1e8)
  }
})

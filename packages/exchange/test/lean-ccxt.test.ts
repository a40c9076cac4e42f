import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeLean } from '../src/lean-ccxt.js'
import { type CcxtExchange, loadExchangeClass } from '../src/load-ccxt.js'
import { readDecimal } from '../src/read-decimal.js'

const Binance = await loadExchangeClass('binance')

/** ccxt's own, and one made lean. */
function both(): [CcxtExchange, CcxtExchange] {
  const lean = new Binance({})
  makeLean(lean)
  return [new Binance({}), lean]
}

describe('readDecimal', () => {
  test.for(['60000.10', '0.1', '.5', '5.', '0', '007', '0.00000001', '999999999999999', '1234567.8901234'])(
    '%s, as Number',
    (text) => expect(readDecimal(text)).toBe(Number(text)),
  )

  test.for([
    '',
    '.',
    '1.2.3',
    '-1',
    '+1',
    '1e5',
    ' 1',
    '1 ',
    '1_0',
    '0x10',
    'NaN',
    'Infinity',
    '١',
    '9999999999999999',
  ])('leaves %j to others', (text) => expect(readDecimal(text)).toBeUndefined())

  test('any decimal of up to 15 characters, to the last bit', () => {
    const decimal = fc.stringMatching(/^[0-9]{1,7}\.[0-9]{0,7}$/)
    fc.assert(
      fc.property(decimal, (text) => readDecimal(text) === Number(text)),
      { numRuns: 20_000 },
    )
  })
})

describe('a lean ccxt', () => {
  const NUMBERS = ['60000.10', '1e-8', '1e21', '-3.5', '', 'abc', '0.1234567890123456789', 42, 1e-9, undefined, null]

  test.for(NUMBERS)('reads the number %j as before', (value) => {
    const [ccxt, lean] = both()
    expect(lean.parseNumber(value)).toBe(ccxt.parseNumber(value))
    expect(lean.parseNumber(value, 7)).toBe(ccxt.parseNumber(value, 7))
  })

  const ANSWERS = [
    9_007_199_254_740_991,
    9_007_199_254_740_992,
    -9_007_199_254_740_992,
    '9007199254740993',
    null,
    [[1, '2', [3, { id: 9_007_199_254_740_992 }]]],
    { rows: [{ id: 1 }, { id: -9_007_199_254_740_992 }] },
    { rows: [{ id: '9007199254740993', price: 1.5 }] },
  ]

  test.for(ANSWERS)('sees whether digits may be lost in %j as before', (answer) => {
    const [ccxt, lean] = both()
    expect(lean.hasUnsafeInteger(answer)).toBe(ccxt.hasUnsafeInteger(answer))
  })

  test('keeps the digits of a large id', () => {
    const [, lean] = both()
    const text = '[{"id":9007199254740993,"price":"1.5"}]'
    expect(Object(lean).parseJson(text)).toEqual([{ id: '9007199254740993', price: '1.5' }])
  })
})

import { describe, expect, it } from 'vitest'
import { parseSymbol } from '../src/validate-symbol.js'

describe('parseSymbol', () => {
  it.each([
    ['BTC/USD', 'BTC', 'USD', false],
    ['1000PEPE/USDC', '1000PEPE', 'USDC', false],
    ['币安人生/USDT', '币安人生', 'USDT', false],
    ['USDT-ARB/USD', 'USDT-ARB', 'USD', false],
    ['BTC/USDT:USDT', 'BTC', 'USDT', true],
    ['BTC/USD:BTC-260925', 'BTC', 'USD', true],
    ['ETH/USD:ETH-260925-2500-C', 'ETH', 'USD', true],
    ['XRP/USDC:USDC-260925-0.5-P', 'XRP', 'USDC', true],
  ])('reads %s', (symbol, base, quote, futures) => {
    expect(parseSymbol(symbol)).toEqual({ base, quote, futures })
  })

  it.each([
    '',
    'BTCUSD',
    'BTC-USD',
    'BTC/',
    '/USD',
    'BTC/USD/EUR',
    'BTC/USD:',
    'BTC / USD',
    ' BTC/USD',
    'BTC/USD:BTC-soon',
  ])('refuses "%s"', (symbol) => expect(() => parseSymbol(symbol)).toThrow(/^symbol: expected ccxt unified form/))
})

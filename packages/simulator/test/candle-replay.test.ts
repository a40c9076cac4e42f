import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Candle } from '@fullon/market'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { createCandleReplayMarket, parseMinuteRecording, SimulatorError, startSimulator } from '../src/index.js'
import { openCcxt, type Row } from './ccxt-session.js'
import { createHandClock } from './hand-clock.js'

const DAY = Date.parse('2018-04-04T00:00:00Z')
const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
const WHOLE = { since: DAY, until: DAY + DAY_MS }

const CANDLES: readonly Candle[] = [
  [0, 7424.91, 7424.91, 7422, 7422, 7.14319709],
  [1, 7422, 7430.5, 7421.01, 7425, 0.00000004],
  [2, 7425, 7425, 7425, 7425, 0.00000001],
  [5, 7425, 7431, 7425, 7431, 3],
  [6, 7431, 7433, 7400.5, 7401, 12.345],
].map(([minute = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]) => ({
  timestamp: DAY + minute * MINUTE_MS,
  open,
  high,
  low,
  close,
  volume,
}))

function zip(lines: string, name = '20180404_btcusd_minute_trade.csv'): Uint8Array {
  return zipSync({ [name]: strToU8(lines) })
}

function plain(candles: readonly Candle[]): Candle[] {
  return candles.map(({ timestamp, open, high, low, close, volume }) => ({ timestamp, open, high, low, close, volume }))
}

describe('a replay of candles', () => {
  test('has exactly the recorded candles, and trades that they are made of', () => {
    const market = createCandleReplayMarket({ symbol: 'BTC/USD', candles: CANDLES })
    expect(plain(market.candles('BTC/USD', '1m', WHOLE))).toEqual(CANDLES)
    expect(market.trades('BTC/USD', WHOLE).map(({ price }) => price)).toEqual([
      ...[7424.91, 7422],
      ...[7422, 7421.01, 7430.5, 7425],
      ...[7425],
      ...[7425, 7431],
      ...[7431, 7433, 7400.5, 7401],
    ])
    expect(market.priceDecimals('BTC/USD')).toBe(2)
    expect(market.candles('BTC/USD', '5m', WHOLE).map(({ timestamp }) => timestamp)).toEqual([DAY, DAY + 5 * MINUTE_MS])
  })

  test.each([
    ['twice the same minute', [CANDLES[0]!, CANDLES[0]!], 'expected a time after'],
    ['half a minute', [{ ...CANDLES[0]!, timestamp: DAY + 1 }], 'multiple of 1m'],
    ['a high that is not', [{ ...CANDLES[0]!, high: 7423 }], 'high the highest'],
    ['prices that nobody paid', [{ ...CANDLES[0]!, volume: 0 }], 'a volume of at least 2'],
    ['too fine a volume', [{ ...CANDLES[0]!, volume: 0.1234567891 }], 'at most 8 decimals'],
  ])('refuses %s, which trades cannot make', (_, candles, message) => {
    expect(() => createCandleReplayMarket({ symbol: 'BTC/USD', candles })).toThrow(message)
  })
})

describe('a recording of minutes', () => {
  test('is read from its zip, the day from the name in it', () => {
    const lines = '0,7424.91,7424.91,7422,7422,7.14319709\r\n60000,7422,7430.5,7421.01,7425,0.00000004\r\n'
    expect(parseMinuteRecording(zip(lines))).toEqual(CANDLES.slice(0, 2))
  })

  test.each([
    ['no zip', new Uint8Array([1, 2, 3]), 'expected a zip'],
    ['two files', zipSync({ a: strToU8(''), b: strToU8('') }), 'one file in the zip, got 2'],
    ['no day', zip('', 'btcusd.csv'), 'expected a name such as'],
    ['a line cut off', zip('0,1,1,1,1,1\n60000,1,1'), 'line 2: expected ms since midnight'],
    ['a text for a number', zip('0,1,1,1,,1'), 'line 1: expected'],
    ['minutes in disorder', zip('60000,1,1,1,1,1\n0,1,1,1,1,1'), 'line 2: expected a time after'],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => parseMinuteRecording(bytes)).toThrow(SimulatorError)
    expect(() => parseMinuteRecording(bytes)).toThrow(message)
  })
})

/** The day through ccxt, as anyone would read it. */
async function readDay(candles: readonly Candle[], day: number): Promise<Row[]> {
  await using simulator = await startSimulator({
    market: createCandleReplayMarket({ symbol: 'BTC/USD', candles }),
    clock: createHandClock(day + DAY_MS),
    protocols: ['coinbaseexchange'],
  })
  await using exchange = await openCcxt(simulator, 'coinbaseexchange')
  const rows: Row[] = []
  for (let since = day; since < day + DAY_MS; since += 300 * MINUTE_MS)
    rows.push(...(await exchange.fetchOHLCV('BTC/USD', '1m', since)))
  return rows
}

function toRow({ timestamp, open, high, low, close, volume }: Candle): Row {
  return [timestamp, open, high, low, close, volume]
}

test('ccxt reads through the coinbaseexchange protocol exactly what was recorded', async () => {
  expect(await readDay(CANDLES, DAY)).toEqual(CANDLES.map(toRow))
})

const folder = process.env.MARKET_DATA_DIR
test.skipIf(!folder)(
  'every recorded coinbase day is read exactly as recorded, its holes too (needs MARKET_DATA_DIR)',
  async () => {
    const minutes = join(folder ?? '', 'lean/minute')
    const names = readdirSync(minutes).filter((name) => name.includes('coinbase'))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const candles = parseMinuteRecording(readFileSync(join(minutes, name)))
      const day = candles[0]!.timestamp - (candles[0]!.timestamp % DAY_MS)
      expect(await readDay(candles, day)).toEqual(candles.map(toRow))
    }
  },
)

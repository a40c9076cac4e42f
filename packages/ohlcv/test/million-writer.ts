// A process of its own for million-rows.test.ts: saves a million rows in one call, and says what it did.
import { CandleRepository, openOhlcv, TradeRepository } from '../src/index.js'
import { minute, minutes, trade } from './rows.js'

const ROWS = 1_000_000

const [url = '', kind = 'candles'] = process.argv.slice(2)
await using db = await openOhlcv({ url })
const saved =
  kind === 'candles'
    ? await new CandleRepository(db, 'kraken', 'MILLION/USD', '1m').saveCandles(candlePage())
    : await new TradeRepository(db, 'kraken', 'MILLION/USD').saveTrades(tradePage(), { build: { timeframe: '1h' } })
console.log(JSON.stringify(saved))

function candlePage() {
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const price = 100 + index / 7
    return { timestamp: minute(index), open: price, high: price + 0.1, low: price, close: price, volume: 0.1 }
  })
  return { rows, covered: minutes(0, ROWS), confirmedUntil: minute(ROWS) }
}

function tradePage() {
  const rows = Array.from({ length: ROWS }, (_, index) => trade(index / 100, 100 + index / 7, `${index}`))
  return { rows, covered: minutes(0, ROWS / 100), confirmedUntil: minute(ROWS / 100) }
}

// A process of its own for kill.test.ts: saves overlapping pages of one symbol until it is killed, or `steps` of them.
import { CandleRepository, openOhlcv, TradeRepository } from '../src/index.js'
import { randomOf } from './random.js'
import { randomSpan, truthCandles, truthPage, truthTrades } from './truth.js'

const [url = '', symbol = '', seed = '0', week = '0', steps = 'Infinity'] = process.argv.slice(2)
const random = randomOf(Number(seed))
await using db = await openOhlcv({ url })
const trades = new TradeRepository(db, 'kraken', symbol)
const own = new CandleRepository(db, 'binance', symbol, '1m')
console.log('ready')
for (let step = 0; step < Number(steps); step++) {
  if (random.int(2)) {
    const page = truthPage(truthTrades, randomSpan(random, Number(week), 10_000), random)
    await trades.saveTrades(page, { build: { timeframe: '1m' } })
  } else {
    await own.saveCandles(truthPage(truthCandles, randomSpan(random, Number(week), 60_000), random))
  }
}

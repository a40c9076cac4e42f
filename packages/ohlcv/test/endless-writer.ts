// A process of its own for kill.test.ts: saves overlapping pages of one symbol until it is killed, or `steps` of them.
import { applyRetention, CandleRepository, openOhlcv, TradeRepository } from '../src/index.js'
import { randomOf } from './random.js'
import { randomSpan, truthCandles, truthPage, truthTrades } from './truth.js'

const [url = '', symbol = '', seed = '0', week = '0', retains = 'false', steps = 'Infinity'] = process.argv.slice(2)
const random = randomOf(Number(seed))
await using db = await openOhlcv({ url })
const trades = new TradeRepository(db, 'kraken', symbol)
const own = new CandleRepository(db, 'binance', symbol, '1m')
console.log('ready')
for (let step = 0; step < Number(steps); step++) await takeStep(random.int(retains === 'true' ? 3 : 2))

async function takeStep(kind: number): Promise<void> {
  if (kind === 0) {
    await own.saveCandles(truthPage(truthCandles, randomSpan(random, Number(week), 60_000), random))
  } else if (kind === 1) {
    const page = truthPage(truthTrades, randomSpan(random, Number(week), 10_000), random)
    await trades.saveTrades(page, { build: { timeframe: '1m' } })
  } else await retain()
}

/** Of this symbol alone; how far is decided by chance. */
async function retain(): Promise<void> {
  const now = randomSpan(random, Number(week), 10_000).since + 2 * 3_600_000 // an hour is kept, and the hour of grace
  const kind = random.int(2) ? 'candles' : 'trades'
  const retention = applyRetention(db, {
    kind,
    now,
    keepMs: (series) => (series.symbol === symbol ? 3_600_000 : undefined),
  })
  await retention.catch((error) => {
    if (!error.transient) throw error // long reads or writes were in the way
  })
}

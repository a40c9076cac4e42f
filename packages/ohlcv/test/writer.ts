// A process of its own for concurrency.test.ts: daily candles of 60 weeks in pages of a week.
import { timeframeMs } from '@fullon/market'
import { CandleRepository, openOhlcv } from '../src/index.js'
import { MONDAY } from './rows.js'

const [url = '', first = '0'] = process.argv.slice(2)
await using db = await openOhlcv({ url })
const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1d')
for (let week = Number(first); week < Number(first) + 60; week++) {
  const since = MONDAY + week * timeframeMs('1w')
  const rows = Array.from({ length: 7 }, (_, day) => {
    return { timestamp: since + day * timeframeMs('1d'), open: 1, high: 2, low: 1, close: 2, volume: 3 }
  })
  await repo.saveCandles({ rows, covered: { since, until: since + timeframeMs('1w') } })
}

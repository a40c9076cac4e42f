// Makes quarters of an hour of the stored minutes, in the database: `npm run example read-and-resample`
import { defaultDataDir, openEmbeddedPostgres } from '@fullon/embedded'
import { openOhlcv, TimeseriesRepository } from '@fullon/ohlcv'

await using server = await openEmbeddedPostgres({ dataDir: defaultDataDir(process.env) }) // or the url of yours
await using db = await openOhlcv({ url: server.url })
const timeseries = new TimeseriesRepository(db, 'kraken', 'BTC/USD')

const until = Date.now()
const hours = { since: until - 6 * 3_600_000, until }
const quarters = await timeseries.fetchOhlcv({ ...hours, timeframe: '15m', fill: 'previous' })
for (const { timestamp, whole, ...candle } of quarters) {
  // whole: the exchange has answered for every minute of it
  console.log(new Date(timestamp).toISOString(), JSON.stringify(candle), whole ? '' : '(in part)')
}

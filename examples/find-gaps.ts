// Says what is missing of two days of ETH/USD, and fetches what kraken still has: `npm run example find-gaps`
import { defaultDataDir, openEmbeddedPostgres } from '@fullon/embedded'
import { ExchangeQueue, readCcxtOptions } from '@fullon/exchange'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'

const { env } = process
await using server = await openEmbeddedPostgres({ dataDir: defaultDataDir(env) }) // or the url of yours
await using db = await openOhlcv({ url: server.url })
const candles = new CandleRepository(db, 'kraken', 'ETH/USD', '1m')
const ccxtOptions = env.FULLON_CCXT_OPTIONS ? readCcxtOptions(env.FULLON_CCXT_OPTIONS) : {}
await using queue = new ExchangeQueue({ ccxtOptions })
const kraken = await queue.getHandler('kraken')

const until = Date.now() - 120_000 // what is younger has not settled
const wanted = { since: until - 2 * 86_400_000, until }
for (const gap of await candles.gaps(wanted)) {
  console.log('missing', new Date(gap.since).toISOString(), 'to', new Date(gap.until).toISOString())
  const page = await kraken.getOhlcv('ETH/USD', '1m', gap) // the newest page of it, or less
  console.log('saved', await candles.saveCandles(page), 'not to be had', page.unavailable)
}
console.log('missing now', await candles.gaps(wanted)) // empty spans of a quiet market are none

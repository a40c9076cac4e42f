// Follows the minutes of BTC/USD on kraken and stores each that is final: `npm run example follow-candles`, until Ctrl-C
import { defaultDataDir, openEmbeddedPostgres } from '@fullon/embedded'
import { ExchangeQueue, readCcxtOptions } from '@fullon/exchange'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'

const { env } = process
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

await using server = await openEmbeddedPostgres({ dataDir: defaultDataDir(env) }) // or the url of yours
await using db = await openOhlcv({ url: server.url })
const candles = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')

const ccxtOptions = env.FULLON_CCXT_OPTIONS ? readCcxtOptions(env.FULLON_CCXT_OPTIONS) : {}
await using queue = new ExchangeQueue({ ccxtOptions })
const kraken = await queue.getHandler('kraken')
try {
  for await (const { settled, forming } of kraken.watchOhlcv('BTC/USD', '1m', stop)) {
    if (forming) console.log('forming', forming.close) // changes until its minute is over: to look at, not to store
    for (const page of settled) console.log('saved', await candles.saveCandles(page))
  }
} catch (err) {
  if (!stop.signal.aborted) throw err // a stream that broke: what comes until the next one is a gap
}

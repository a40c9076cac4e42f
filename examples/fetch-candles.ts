// Fetches the newest minutes of BTC/USD from kraken and stores them: `npm run example fetch-candles`
import { defaultDataDir, openEmbeddedPostgres } from '@fullon/embedded'
import { ExchangeQueue, readCcxtOptions } from '@fullon/exchange'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'

const { env } = process
const ccxtOptions = env.FULLON_CCXT_OPTIONS ? readCcxtOptions(env.FULLON_CCXT_OPTIONS) : {}
await using queue = new ExchangeQueue({ ccxtOptions })
const kraken = await queue.getHandler('kraken')
const page = await kraken.getOhlcv('BTC/USD', '1m')

await using server = await openEmbeddedPostgres({ dataDir: defaultDataDir(env) }) // or the url of yours
await using db = await openOhlcv({ url: server.url })
const candles = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
const saved = await candles.saveCandles(page) // the rows, and that kraken answered for all of `page.covered`

for (const { timestamp, ...prices } of page.rows.slice(-5)) console.log(new Date(timestamp).toISOString(), prices)
console.log('saved', saved)

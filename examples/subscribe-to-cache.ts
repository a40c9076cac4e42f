// Shows the newest minutes of BTC/USD as a collector publishes them: `npm run example subscribe-to-cache`, until Ctrl-C
import { OHLCVCache, openCache, redisUrlFrom } from '@fullon/cache'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

await using cache = await openCache({ url: redisUrlFrom(process.env) ?? 'redis://127.0.0.1:6379' })
const ohlcv = new OHLCVCache(cache)
const series = { exchange: 'kraken', symbol: 'BTC/USD', timeframe: '1m' } as const
try {
  for await (const { candles, forming, missed } of ohlcv.watch(series, stop)) {
    // missed: at the start, and when the connection was lost; what is stored has all of it
    for (const candle of missed ? await ohlcv.getLatestCandles(series, 10) : candles) console.log('closed', candle)
    if (forming) console.log('forming', forming.close)
  }
} catch (err) {
  if (!stop.signal.aborted) throw err
}

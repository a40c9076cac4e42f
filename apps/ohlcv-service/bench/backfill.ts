import { CandleRepository, openOhlcv } from '@fullon/ohlcv'
import { clockOf, realTime, startInstantExchange } from './instant-exchange.js'
import { startService, until } from './start-service.js'

// A process of its own: `service` or `direct`, and `<database url>`. Prints rows/s of 30 days of minutes for 50 symbols.
const SYMBOLS = 50
const DAYS = 30
const PAGE = 1_000
const MINUTE_MS = 60_000
const ROWS = SYMBOLS * DAYS * 1_440

/** Each resolves with the milliseconds from the first row to the last. */
const WAYS: Readonly<Record<string, (url: string) => Promise<number>>> = {
  async service(databaseUrl) {
    await using exchange = await startInstantExchange({ symbols: SYMBOLS })
    const { binance } = exchange.ccxtOptions
    const ccxtOptions = { binance: { ...binance, rateLimit: 0.01 } } // milliseconds: as good as none
    await using service = await startService({ symbols: SYMBOLS, backtest: DAYS }, { databaseUrl, ccxtOptions })
    const startedAt = performance.now()
    const stored = () => service.status().reduce((sum, { rows }) => sum + rows, 0)
    await until(() => stored() >= ROWS - 2 * SYMBOLS, { everyMs: 20 }) // the newest settle
    return performance.now() - startedAt
  },
  async direct(url) {
    await using db = await openOhlcv({ url })
    const end = Math.floor(clockOf(realTime).now() / MINUTE_MS) * MINUTE_MS
    const startedAt = performance.now()
    const save = async (_: unknown, index: number) => {
      const repo = new CandleRepository(db, 'binance', `S${index}/USDT`, '1m')
      for (let since = end - DAYS * 1_440 * MINUTE_MS; since < end; since += PAGE * MINUTE_MS) {
        const until = Math.min(end, since + PAGE * MINUTE_MS)
        await repo.saveCandles({ rows: candles(since, until), covered: { since, until }, confirmedUntil: until })
      }
    }
    await Promise.all(Array.from({ length: SYMBOLS }, save))
    return performance.now() - startedAt
  },
}

/** As the exchange serves them. */
function candles(since: number, until: number) {
  return Array.from({ length: (until - since) / MINUTE_MS }, (_, index) => {
    const timestamp = since + index * MINUTE_MS
    const price = Number((60_000 + ((timestamp / MINUTE_MS) % 1_000) / 10).toFixed(2))
    return { timestamp, open: price, high: 70_000, low: 50_000, close: price, volume: 1.5 }
  })
}

const [, , way = '', url = ''] = process.argv
const elapsedMs = (await WAYS[way]?.(url)) ?? Number.NaN
process.stdout.write(JSON.stringify({ rate: (ROWS / elapsedMs) * 1_000 }))
process.exit(0)

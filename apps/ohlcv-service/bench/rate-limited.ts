import { systemClock } from '@fullon/market'
import { startInstantExchange } from './instant-exchange.js'
import { startService, until } from './start-service.js'

// A process of its own: `<database url>`. Prints the share of the allowed rate that a backfill uses.
const SYMBOLS = 50
const REQUESTS_PER_SECOND = 20
/** What ccxt says a request for candles costs, of 1 a `rateLimit`. */
const COST = 0.4
const WARM_UP_MS = 5_000
const MEASURE_MS = 30_000

const [, , databaseUrl = ''] = process.argv
await using exchange = await startInstantExchange({ symbols: SYMBOLS })
const rateLimit = 1_000 / (COST * REQUESTS_PER_SECOND)
const ccxtOptions = { binance: { ...exchange.ccxtOptions.binance, rateLimit } }
await using service = await startService({ symbols: SYMBOLS, backtest: 3_650 }, { databaseUrl, ccxtOptions })
await until(() => service.status().some(({ rows }) => rows > 0))
await systemClock.sleep(WARM_UP_MS)
const [before, startedAt] = [await exchange.requests(), performance.now()]
await systemClock.sleep(MEASURE_MS)
const perSecond = ((await exchange.requests()) - before) / ((performance.now() - startedAt) / 1_000)
process.stdout.write(JSON.stringify({ share: perSecond / REQUESTS_PER_SECOND }))
process.exit(0)

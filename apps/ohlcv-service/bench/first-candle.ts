import { clockOf, startInstantExchange } from './instant-exchange.js'
import { isLive, startService, until } from './start-service.js'

// A process of its own: `<database url>`. Prints milliseconds from the start of the process to the first subscription,
// and from the moment its first candle has settled to that candle's row; a minute ends three seconds after the start.
const MINUTE_MS = 60_000
const SETTLE_MS = 65_000

const [, , databaseUrl = ''] = process.argv
const close = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS
const time = { start: close - 3_000, speed: 1, startedAt: performance.timeOrigin }
await using exchange = await startInstantExchange({ symbols: 1, active: 1 }, time)
const clock = clockOf(time)
const { ccxtOptions } = exchange
await using service = await startService({ symbols: 1 }, { databaseUrl, ccxtOptions, clock })
await until(isLive(service, 'candles', 1))
const liveMs = performance.now()
await until(() => service.status().some(({ rows }) => rows > 0))
const { lastTimestamp = Number.NaN } = service.status().find(({ rows }) => rows > 0) ?? {}
const storedMs = clock.now() - (lastTimestamp + MINUTE_MS + SETTLE_MS)
process.stdout.write(JSON.stringify({ liveMs, storedMs, totalMs: performance.now() }))
process.exit(0)

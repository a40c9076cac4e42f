import { systemClock } from '@fullon/market'
import { startInstantExchange } from './instant-exchange.js'
import { isLive, startService, until } from './start-service.js'

// A process of its own: `<database url>`. Prints the share of a core and the memory that following 1,000 series takes.
const SERIES = 1_000
const ACTIVE = SERIES / 10
const MEASURE_MS = 120_000
/** Between two looks for gaps. */
const IDLE_MS = 15_000

const [, , databaseUrl = ''] = process.argv
await using exchange = await startInstantExchange({ symbols: SERIES, active: ACTIVE })
const { ccxtOptions } = exchange
// Subscriptions are paced at four a second and socket: that time is not what is measured.
let isStarting = true
const clock = {
  now: systemClock.now,
  sleep: (delayMs: number, options?: { signal?: AbortSignal | undefined }) =>
    systemClock.sleep(isStarting && delayMs !== IDLE_MS ? delayMs / 50 : delayMs, options),
}
await using service = await startService({ symbols: SERIES }, { databaseUrl, ccxtOptions, clock })
await until(isLive(service, 'candles', SERIES))
const rows = () => service.status().reduce((sum, one) => sum + one.rows, 0)
isStarting = false
while (rows() < SERIES) await systemClock.sleep(1_000) // the first minute of each has settled
globalThis.gc?.()
const [cpu, rowsBefore, requestsBefore] = [process.cpuUsage(), rows(), await exchange.requests()]
let rssMb = 0
for (const end = performance.now() + MEASURE_MS; performance.now() < end; ) {
  rssMb = Math.max(rssMb, process.memoryUsage().rss / 2 ** 20)
  await systemClock.sleep(1_000)
}
const { user, system } = process.cpuUsage(cpu)
globalThis.gc?.()
process.stdout.write(
  JSON.stringify({
    rssMb,
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    cpuPercent: (user + system) / 10 / MEASURE_MS,
    rows: rows() - rowsBefore,
    requests: (await exchange.requests()) - requestsBefore,
    late: service.status().filter(({ state }) => state === 'cooling').length,
  }),
)
process.exit(0)

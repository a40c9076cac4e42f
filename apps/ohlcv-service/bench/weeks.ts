import { systemClock } from '@fullon/market'
import { clockOf, type SharedTime, startInstantExchange } from './instant-exchange.js'
import { isLive, startService, until } from './start-service.js'

// A process of its own: `<database url>`. Prints the heap, collected, of the first and the last third of two weeks.
const DAYS = 14
const SPEED = 6_000
const SYMBOLS = 4
const DAY_MS = 86_400_000

const [, , databaseUrl = ''] = process.argv
const time: SharedTime = { start: Date.UTC(2026, 0, 5), speed: SPEED, startedAt: Date.now() }
await using exchange = await startInstantExchange({ symbols: SYMBOLS, active: SYMBOLS }, time)
const clock = clockOf(time)
const { ccxtOptions } = exchange
await using service = await startService({ symbols: SYMBOLS }, { databaseUrl, ccxtOptions, clock })
await until(isLive(service, 'candles', SYMBOLS))
const heapMb: number[] = []
for (const end = clock.now() + DAYS * DAY_MS; clock.now() < end; ) {
  await systemClock.sleep((DAY_MS / SPEED) * 0.5)
  globalThis.gc?.()
  heapMb.push(process.memoryUsage().heapUsed / 2 ** 20)
}
const third = Math.floor(heapMb.length / 3)
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const rows = service.status().reduce((sum, one) => sum + one.rows, 0)
process.stdout.write(
  JSON.stringify({ firstMb: middle(heapMb.slice(0, third)), lastMb: middle(heapMb.slice(-third)), rows }),
)
process.exit(0)

import { systemClock } from '@fullon/market'
import { ExchangeQueue } from '../src/index.js'
import { binanceOptions } from './binance-options.js'
import { startFloodServer } from './start-flood-server.js'

// A process of its own: prints the memory and the share of a core that 1,000 subscriptions take.
const SYMBOLS = 1_000
const ACTIVE = SYMBOLS / 10
const MEASURE_MS = 10_000
/** Requests are paced at four a second and socket: that time is not what is measured. */
const HURRY = 50

const { url } = await startFloodServer({ floods: false, trades: 0, start: 0, active: ACTIVE })
const clock = {
  now: systemClock.now,
  sleep: (delayMs: number, options?: { signal?: AbortSignal }) =>
    systemClock.sleep(delayMs < 120_000 ? delayMs / HURRY : delayMs, options),
}
const queue = new ExchangeQueue({ ccxtOptions: { binance: binanceOptions(url, SYMBOLS) }, clock })
const handler = await queue.getHandler('binance')
let rows = 0
const firsts = Array.from({ length: SYMBOLS }, async (_, index) => {
  const stream = handler.watchTrades(`S${index}/USDT`)
  await stream.next()
  follow(stream)
})
await Promise.all(firsts)
globalThis.gc?.()
const before = process.cpuUsage()
const { records } = handler.streamCounts
await systemClock.sleep(MEASURE_MS)
const { user, system } = process.cpuUsage(before)
process.stdout.write(
  JSON.stringify({
    rssMb: process.memoryUsage().rss / 2 ** 20,
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    cpuPercent: (user + system) / 10 / MEASURE_MS,
    recordsPerSecond: ((handler.streamCounts.records - records) / MEASURE_MS) * 1000,
    sockets: handler.streamCounts.sockets,
    rows,
  }),
)
process.exit(0)

async function follow(stream: AsyncIterable<readonly { rows: readonly unknown[] }[]>): Promise<void> {
  for await (const pages of stream) for (const page of pages) rows += page.rows.length
}

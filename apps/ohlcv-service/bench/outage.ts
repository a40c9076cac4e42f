import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPrivatePostgres } from '@fullon/embedded'
import { systemClock } from '@fullon/market'
import { startInstantExchange } from './instant-exchange.js'
import { isLive, startService, until } from './start-service.js'

// A process of its own: `<trades a second>`. Prints the heap, collected, before and while Postgres is away.
const BEFORE_MS = 10_000
const AWAY_MS = 40_000

const [, , rate = ''] = process.argv
const dataDir = await mkdtemp(join(tmpdir(), 'fullon-outage-'))
await using postgres = await openPrivatePostgres({ dataDir })
await using exchange = await startInstantExchange({ symbols: 1, tradesPerSecond: Number(rate) })
const { ccxtOptions } = exchange
const options = { databaseUrl: postgres.url, ccxtOptions }
await using service = await startService({ symbols: 1, trades: 'on' }, options)
await until(isLive(service, 'trades', 1))
await exchange.start()
const beforeMb = await largestHeap(BEFORE_MS)
const stored = () => service.status().reduce((sum, { rows }) => sum + rows, 0)
await postgres.stop()
const awayMb = await largestHeap(AWAY_MS)
const storedBefore = stored()
await postgres.start()
const backAt = performance.now()
await until(() => stored() > storedBefore)
process.stdout.write(JSON.stringify({ beforeMb, awayMb, backMs: performance.now() - backAt }))
await service.close()
await postgres.close()
await rm(dataDir, { recursive: true })
process.exit(0)

async function largestHeap(forMs: number): Promise<number> {
  let most = 0
  for (const end = performance.now() + forMs; performance.now() < end; await systemClock.sleep(500)) {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    most = Math.max(most, (heapUsed + external) / 2 ** 20)
  }
  return most
}

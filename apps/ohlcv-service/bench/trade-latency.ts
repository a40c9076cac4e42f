import postgres from 'postgres'
import { startInstantExchange } from './instant-exchange.js'
import { isLive, startService, until } from './start-service.js'

// A process of its own: `<trades a second> <database url>`. Prints milliseconds from the message that settles a trade
// (it is newer by five seconds, as late as one may come) to the moment another session sees that trade committed.
const LATENESS_MS = 5_000
const MEASURE_MS = 20_000
const STEP_MS = 10

const [, , rate = '', databaseUrl = ''] = process.argv
await using exchange = await startInstantExchange({ symbols: 1, tradesPerSecond: Number(rate) })
const { ccxtOptions } = exchange
await using service = await startService({ symbols: 1, trades: 'on' }, { databaseUrl, ccxtOptions })
await until(isLive(service, 'trades', 1))
await exchange.start()
const sql = postgres(databaseUrl, { max: 1 })
const delays: number[] = []
let seen = 0
while (seen === 0) seen = (await committed()) ?? 0
for (const end = Date.now() + MEASURE_MS; Date.now() < end; ) {
  const edge = (await committed()) ?? seen
  const now = Date.now()
  for (; seen < edge; seen += STEP_MS) delays.push(now - (seen + LATENESS_MS))
}
await sql.end()
delays.sort((a, b) => a - b)
const part = (share: number) => delays[Math.floor(delays.length * share)]
process.stdout.write(JSON.stringify({ p50: part(0.5), p99: part(0.99), worst: delays.at(-1) }))
process.exit(0)

/** Up to when the trades are stored. */
async function committed(): Promise<number | undefined> {
  const [row] = await sql`
    select (extract(epoch from upper(covered)) * 1000)::float8 as until
    from ohlcv.coverage join ohlcv.series using (series_id) where timeframe is null and not isempty(covered)`
  return row?.until
}

import { Redis } from 'ioredis'
import { OHLCVCache, openCache, ProcessCache, TickCache, TradesCache } from '../src/index.js'
import { RedisServer } from '../test/support/redis-server.js'
import { bare } from './bare.js'

// Each batch of ours against the same in a bare ioredis pipeline (bare.ts), by turns in one run on a Redis of its own.
const ROUND_MS = 150
const ROUNDS = 15
const AIM = 0.8
const START = Date.parse('2024-01-01')
let batchCount = 0 // a new candle, tick and trade each time

await using server = await RedisServer.open()
const url = `redis://127.0.0.1:${server.port}`
await using cache = await openCache({ url })
const redis = new Redis(url)
const [ohlcv, ticks, trades, processes] = [
  new OHLCVCache(cache),
  new TickCache(cache),
  new TradesCache(cache),
  new ProcessCache(cache),
]
const series = Array.from(
  { length: 200 },
  (_, n) => ({ exchange: 'kraken', symbol: `S${n}/USD`, timeframe: '1m' }) as const,
)
const first = { exchange: 'kraken', symbol: 'BTC/USD' }
const ids = await register('')
const bareIds = await register('bare:')
const prices = { open: 42_300.1, high: 42_310.5, low: 42_290.25, close: 42_305.5, volume: 1.2345678 }
const candle = (n: number) => ({ ...prices, timestamp: START + n * 60_000 })
const tick = (n: number) => ({ timestamp: START + n, last: 42_300.1, bid: 42_300, ask: 42_300.5, volume: 1_234.5 })
const prints = (n: number) =>
  Array.from({ length: 500 }, (_, index) => ({
    timestamp: START + n,
    id: `${n}-${index}`,
    side: 'buy' as const,
    price: 42_300.1,
    amount: 0.0123,
  }))

show(
  `ms a batch, the fastest tenth of ${ROUNDS} rounds of ${ROUND_MS} ms by turns; ratio = time of bare ioredis / ours`,
)
await compare(
  '200 series, a closed and a forming candle each',
  (n) => ohlcv.updateAll(series.map((one) => ({ series: one, candles: [candle(n)], forming: candle(n + 1) }))),
  (n) => bare.candles(redis, series, candle(n), candle(n + 1)),
)
await compare(
  '200 tickers',
  (n) => ticks.setTickers(series.map((one) => ({ series: one, tick: tick(n) }))),
  (n) => bare.ticks(redis, series, tick(n)),
)
await compare(
  '500 trades of one series',
  (n) => trades.pushTrades(first, prints(n)),
  (n) => bare.trades(redis, first, prints(n)),
)
await compare(
  '200 processes, read and written',
  () => processes.updateProcesses(ids.map((id) => ({ id, status: 'running' }))),
  (n) => bare.heartbeats(redis, bareIds, START + n),
)
await compare(
  'one ticker at a time',
  (n) => ticks.setTicker(first, tick(n)),
  (n) => bare.ticks(redis, [first], tick(n)),
)
redis.disconnect()

async function register(keyPrefix: string): Promise<string[]> {
  await using own = await openCache({ url, keyPrefix })
  const registry = new ProcessCache(own)
  return await Promise.all(series.map(({ symbol }) => registry.registerProcess({ type: 'ohlcv', component: symbol })))
}

type Batch = (n: number) => Promise<unknown>

async function compare(name: string, ours: Batch, theirs: Batch): Promise<void> {
  await Promise.all([timesOf(ours), timesOf(theirs)]) // warms up
  const [oursTimes, bareTimes]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    oursTimes.push(...(await timesOf(ours)))
    bareTimes.push(...(await timesOf(theirs)))
  }
  const [oursMs, bareMs] = [typical(oursTimes), typical(bareTimes)]
  const ratio = bareMs / oursMs
  const verdict = `ratio ${ratio.toFixed(2)}, aim ${AIM}: ${ratio >= AIM ? 'met' : 'missed'}`
  show(`${name.padEnd(47)}  ours ${oursMs.toFixed(3)}  bare ${bareMs.toFixed(3)}  ${verdict}`)
}

/** Of each batch, in ms. */
async function timesOf(batch: Batch): Promise<number[]> {
  const times: number[] = []
  const startedAt = performance.now()
  for (let previous = startedAt; previous - startedAt < ROUND_MS; ) {
    await batch(batchCount++)
    const now = performance.now()
    times.push(now - previous)
    previous = now
  }
  return times
}

/** The fastest tenth: the rest is what other programs took. */
function typical(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)] ?? Number.NaN
}

function show(line: string): void {
  process.stdout.write(`${line}\n`)
}

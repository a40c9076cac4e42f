import { createSeededMarket, createSimulatedClock, type ProtocolName, startSimulator } from '@fullon/simulator'
import { type ExchangeHandler, ExchangeQueue } from '../src/index.js'

// A process of its own: three exchanges that enforce their limits are asked without a pause. Prints, by exchange, the
// share of its budget that was used and the worst window; and how many requests were refused.
const PROTOCOLS: readonly ProtocolName[] = ['kraken', 'binance', 'coinbaseexchange']
const SPEED = 3
const WINDOW_MS = 60_000
const SAMPLE_MS = 1_000
const ASKING = 40

const start = Date.UTC(2026, 0, 8)
const clock = createSimulatedClock({ start, speed: SPEED })
const market = createSeededMarket({ seed: 1, since: start - 7_200_000 })
await using simulator = await startSimulator({ market, clock, protocols: PROTOCOLS, enforceLimits: true })
await using queue = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock })
const shares = await Promise.all(PROTOCOLS.map(async (name) => [name, await measure(await queue.getHandler(name))]))
const refused = simulator.requests.filter(({ status }) => status !== 200).length
process.stdout.write(JSON.stringify({ ...Object.fromEntries(shares), refused }))
process.exit(0)

/** The window that begins when the first has passed: what was saved up at the start is not counted. */
async function measure(handler: ExchangeHandler): Promise<{ mean: number; most: number }> {
  const stop = new AbortController()
  await ask(handler)
  const asking = Array.from({ length: ASKING }, async () => {
    while (!stop.signal.aborted) await ask(handler)
  })
  await clock.sleep(WINDOW_MS)
  const samples: number[] = []
  for (const end = clock.now() + WINDOW_MS; clock.now() < end; ) {
    await clock.sleep(SAMPLE_MS)
    const { used, weight } = handler.budget
    samples.push(used / weight)
  }
  stop.abort()
  await Promise.race([Promise.all(asking), clock.sleep(WINDOW_MS)])
  return { mean: samples.reduce((sum, share) => sum + share, 0) / samples.length, most: Math.max(...samples) }
}

/** What is cheap to answer: the machine is to be no limit. */
function ask(handler: ExchangeHandler): Promise<unknown> {
  if (handler.exchange === 'kraken') return handler.getOhlcv('BTC/USD', '1m')
  return handler.getTicker('BTC/USD')
}

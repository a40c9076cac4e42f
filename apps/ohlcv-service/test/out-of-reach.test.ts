import { openCache } from '@fullon/cache'
import { openScratchDatabase } from '@fullon/embedded'
import { ExchangeQueue } from '@fullon/exchange'
import { CandleRepository, newSeriesStatus, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import type { TradesMode } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { expect, it } from 'vitest'
import { OhlcvCollector } from '../src/ohlcv-collector.js'
import { DAY_MS, MINUTE_MS } from './scene.js'

const SINCE = Date.UTC(2026, 0, 5)

it.for([
  ['auto', 'is left to trades'],
  ['off', 'is named, where there are no trades'],
] as const)('with trades %s, what went out of reach before the answer %s', async ([trades]) => {
  await using scene = await openCollector(trades)
  const { collector, simulatedNow, wait } = scene
  const gap = (await collector.next()).at(-1)!
  expect(gap.since).toBeLessThan(simulatedNow() - 700 * MINUTE_MS)
  const oldest = { since: simulatedNow() - 719 * MINUTE_MS, until: simulatedNow() - 718 * MINUTE_MS }
  wait(5 * MINUTE_MS)
  const page = await collector.fetch(oldest, AbortSignal.timeout(10_000))
  const reason = 'BTC/USD: only the 720 newest candles are served'
  expect(page).toEqual({ rows: [], ...(trades === 'off' && { unavailable: { ...oldest, reason } }) })
})

/** The collector of kraken's minutes, whose time the test moves. */
async function openCollector(trades: TradesMode) {
  const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const simulated = createSimulatedClock({ start: SINCE + 2 * DAY_MS, speed: 1 })
  let ahead = 0
  const clock = { ...simulated, now: () => simulated.now() + ahead }
  const simulator = await startSimulator({ market: createSeededMarket({ seed: 5, since: SINCE }), clock })
  const ohlcv = await openOhlcv({ url: scratch.url })
  const cache = await openCache({ clock })
  const queue = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock })
  const handler = await queue.getHandler('kraken')
  const series = { exchange: 'kraken', symbol: 'BTC/USD', sandbox: false }
  const kept = { backtestMs: DAY_MS, keepCandlesMs: undefined, keepTradesMs: DAY_MS }
  const collector = new OhlcvCollector({
    wanted: { ...series, timeframe: '1m', trades, ...kept },
    status: [newSeriesStatus(series, clock.now()), newSeriesStatus(series, clock.now())],
    handler,
    candles: new CandleRepository(ohlcv, 'kraken', 'BTC/USD', '1m'),
    trades: new TradeRepository(ohlcv, 'kraken', 'BTC/USD'),
    cache,
    auditEveryMs: 20 * MINUTE_MS,
  })
  return {
    collector,
    simulatedNow: () => Math.floor(handler.serverNow() / MINUTE_MS) * MINUTE_MS,
    wait: (ms: number) => {
      ahead += ms
    },
    async [Symbol.asyncDispose]() {
      for (const part of [queue, cache, ohlcv, simulator, scratch]) await part.close()
    },
  }
}

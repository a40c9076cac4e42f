import { openScratchDatabase } from '@fullon/embedded'
import { configureLogger, getComponentLogger } from '@fullon/log'
import { CandleRepository, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runService, type Service } from '../src/index.js'
import { compareWithTruth } from './compare-with-truth.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SINCE = Date.UTC(2026, 0, 5)
const START = SINCE + 2 * DAY_MS
const WAIT = { timeout: 60_000, interval: 100 }

configureLogger({ level: 'critical' })
const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
const clock = createSimulatedClock({ start: START, speed: 240 })
const simulator = await startSimulator({ market: createSeededMarket({ seed: 11, since: SINCE }), clock })
const db = await DatabaseContext.open({ url: scratch.url })
const ohlcv = await openOhlcv({ url: scratch.url })
let catExId: number
let service: Service

function start(): Promise<Service> {
  const log = getComponentLogger('fullon.ohlcv.daemon')
  return runService({
    databaseUrl: scratch.url,
    ccxtOptions: simulator.ccxtOptions,
    clock,
    log,
    auditEveryMs: 20 * MINUTE_MS,
  })
}

beforeAll(async () => {
  const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
  catExId = await db.exchanges.installExchange('kraken')
  await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
  await db.exchanges.setExchangeParam(catExId, 'trades', 'on')
  await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId, backtest: 1 })
  await db.symbols.addSymbol({ symbol: 'ADA/USD', catExId, backtest: 1 })
  service = await start()
})

afterAll(async () => {
  await service.close()
  await ohlcv.close()
  await db.close()
  await simulator.close()
  await scratch.close()
})

/** Waits until all before `until` is final, then compares it with what was published. */
async function expectComplete(symbol: string, until: number): Promise<void> {
  const candles = new CandleRepository(ohlcv, 'kraken', symbol, '1m')
  const trades = new TradeRepository(ohlcv, 'kraken', symbol)
  const span = await vi.waitFor(async () => {
    const since = Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS - DAY_MS // what is wanted moves with the clock
    const wanted = { since, until, strength: 'confirmed' } as const
    expect([...(await candles.gaps(wanted)), ...(await trades.gaps(wanted))]).toEqual([])
    return { since, until }
  }, WAIT)
  await compareWithTruth(scratch.url, simulator.truth, symbol, span)
}

it('stores a day of history and the present exactly as published, through a dropped socket', {
  timeout: 120_000,
}, async () => {
  await vi.waitFor(
    () => expect(service.status().filter(({ liveSince }) => liveSince !== undefined)).toHaveLength(4),
    WAIT,
  )
  const before = clock.now()
  simulator.faults.dropSockets()
  const isBack = ({ liveSince = 0 }: { liveSince?: number }) => liveSince > before
  await vi.waitFor(() => expect(service.status().every(isBack)).toBe(true), WAIT)
  const until = Math.floor((clock.now() + 10 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS
  await Promise.all(['BTC/USD', 'ADA/USD'].map((symbol) => expectComplete(symbol, until)))
})

it('builds from trades what lies beyond the 720 candles kraken serves', async () => {
  const { built, confirmed } = await new CandleRepository(ohlcv, 'kraken', 'BTC/USD', '1m').coverage()
  expect(built[0]!.until - built[0]!.since).toBeGreaterThan(600 * MINUTE_MS)
  expect(confirmed[0]!.since).toBeLessThanOrEqual(built[0]!.since)
})

it('goes on after a restart with nothing missing in between', { timeout: 120_000 }, async () => {
  await service.close()
  await clock.sleep(15 * MINUTE_MS)
  service = await start()
  const until = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
  await Promise.all(['BTC/USD', 'ADA/USD'].map((symbol) => expectComplete(symbol, until)))
})

it('picks up a new symbol while running, and one it cannot have holds up nobody', { timeout: 120_000 }, async () => {
  await db.symbols.addSymbol({ symbol: 'NOPE/USD', catExId, backtest: 1 })
  await db.symbols.addSymbol({ symbol: 'ETH/USD', catExId, backtest: 1 })
  const status = (symbol: string) => service.status().filter((one) => one.symbol === symbol)
  await vi.waitFor(() => expect(status('NOPE/USD')[0]?.error).toMatch(/NOPE\/USD/), WAIT)
  await expectComplete('ETH/USD', Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS)
})

it('stops a removed symbol and keeps what it stored', { timeout: 120_000 }, async () => {
  const row = await db.symbols.getBySymbol('ETH/USD')
  await db.symbols.removeSymbol(row!.symbolId)
  await vi.waitFor(() => expect(service.status().map(({ symbol }) => symbol)).not.toContain('ETH/USD'), WAIT)
  expect(await new CandleRepository(ohlcv, 'kraken', 'ETH/USD', '1m').getLatestTimestamp()).toBeDefined()
})

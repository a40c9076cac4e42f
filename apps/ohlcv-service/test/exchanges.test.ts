import { openScratchDatabase } from '@fullon/embedded'
import { configureLogger, getComponentLogger } from '@fullon/log'
import { CandleRepository, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { expect, it, vi } from 'vitest'
import { runService } from '../src/index.js'
import { compareWithTruth } from './compare-with-truth.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const WAIT = { timeout: 80_000, interval: 200 }

it.each(['binance', 'coinbaseexchange'] as const)(
  'stores a day of %s exactly as published, through a dropped socket',
  { timeout: 180_000 },
  async (exchange) => {
    configureLogger({ level: 'critical' })
    await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    const since = Date.UTC(2026, 0, 5)
    const start = since + 2 * DAY_MS
    const clock = createSimulatedClock({ start, speed: 120 })
    await using simulator = await startSimulator({
      market: createSeededMarket({ seed: 5, since }),
      clock,
      protocols: [exchange],
    })
    await using db = await DatabaseContext.open({ url: scratch.url })
    const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
    const catExId = await db.exchanges.installExchange(exchange)
    await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    await db.exchanges.setExchangeParam(catExId, 'trades', 'on')
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId, backtest: 1 })
    await db.symbols.addSymbol({ symbol: 'ADA/USD', catExId, backtest: 1 })
    await using ohlcv = await openOhlcv({ url: scratch.url })
    const log = getComponentLogger('fullon.ohlcv.daemon')
    await using service = await runService({
      databaseUrl: scratch.url,
      ccxtOptions: simulator.ccxtOptions,
      clock,
      log,
      auditEveryMs: 20 * MINUTE_MS,
    })
    await vi.waitFor(() => expect(service.status().some(({ liveSince }) => liveSince !== undefined)).toBe(true), WAIT)
    simulator.faults.dropSockets()
    for (const symbol of ['BTC/USD', 'ADA/USD']) {
      const until = Math.floor((clock.now() + 15 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS
      const candles = new CandleRepository(ohlcv, exchange, symbol, '1m')
      const trades = new TradeRepository(ohlcv, exchange, symbol)
      const span = await vi.waitFor(async () => {
        const since = Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS - DAY_MS
        const wanted = { since, until, strength: 'confirmed' } as const
        expect(await candles.gaps(wanted)).toEqual([])
        expect(await trades.gaps(wanted)).toEqual([])
        return { since, until }
      }, WAIT)
      await compareWithTruth(scratch.url, simulator.truth, symbol, span)
    }
  },
)

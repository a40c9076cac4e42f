import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { openScratchDatabase } from '@fullon/embedded'
import { configureLogger, getComponentLogger, type Logger } from '@fullon/log'
import type { EpochMs, Span } from '@fullon/market'
import { CandleRepository, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import { DatabaseContext, type NewSymbol } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, type ProtocolName, startSimulator } from '@fullon/simulator'
import { expect, vi } from 'vitest'
import { runService, type Service, type ServiceOptions } from '../src/index.js'
import { compareWithTruth } from './compare-with-truth.js'

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000
export const WAIT = { timeout: 80_000, interval: 100 }
const SINCE = Date.UTC(2026, 0, 5)

interface SceneOptions {
  readonly exchange?: ProtocolName
  readonly speed?: number
  readonly seed?: number
  /** A database of its own; default: a scratch one. */
  readonly url?: string
  /** Parameters of the catalogue exchange. Default: trades on. */
  readonly params?: Readonly<Record<string, string>>
  readonly symbols: Readonly<Record<string, Partial<NewSymbol>>>
}

/** A simulated exchange two days old, a database that asks for some of its symbols, and the service on both. */
export async function openScene({
  exchange = 'kraken',
  speed = 120,
  seed = 5,
  params = { trades: 'on' },
  symbols,
  ...given
}: SceneOptions) {
  configureLogger({ level: 'critical' })
  const scratch = given.url ? undefined : await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const url = given.url ?? scratch!.url
  const clock = createSimulatedClock({ start: SINCE + 2 * DAY_MS, speed })
  const market = createSeededMarket({ seed, since: SINCE })
  const simulator = await startSimulator({ market, clock, protocols: [exchange] })
  const db = await DatabaseContext.open({ url })
  const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
  const catExId = await db.exchanges.installExchange(exchange, { params })
  const exId = await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
  for (const [symbol, rest] of Object.entries(symbols)) {
    await db.symbols.addSymbol({ symbol, catExId, backtest: 1, ...rest })
  }
  const ohlcv = await openOhlcv({ url })

  const run = (options: Partial<ServiceOptions> = {}): Promise<Service> => {
    const log = quietLog()
    const usual = { databaseUrl: url, ccxtOptions: simulator.ccxtOptions, clock, log, auditEveryMs: 20 * MINUTE_MS }
    return runService({ ...usual, ...options })
  }
  const soon = () => Math.floor((clock.now() + 10 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS
  /** Waits until all of the symbol's last days before `until` is final, then compares it with what was published. */
  const expectComplete = async (symbol: string, until: EpochMs = soon(), days = 1): Promise<Span> => {
    const candles = new CandleRepository(ohlcv, exchange, symbol, '1m')
    const trades = new TradeRepository(ohlcv, exchange, symbol)
    const span = await vi.waitFor(async () => {
      const since = Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS - days * DAY_MS // what is wanted moves with the clock
      const wanted = { since, until, strength: 'confirmed' } as const
      expect([...(await candles.gaps(wanted)), ...(await trades.gaps(wanted))]).toEqual([])
      return { since, until }
    }, WAIT)
    await compareWithTruth(url, simulator.truth, symbol, span)
    return span
  }
  const close = async () => {
    for (const part of [ohlcv, db, simulator, ...(scratch ? [scratch] : [])]) await part.close()
  }
  const parts = { url, exchange, catExId, exId, clock, simulator, db, ohlcv }
  return { ...parts, run, expectComplete, close, [Symbol.asyncDispose]: close }
}

/** Waits until every collector that can follow the present does. */
export async function untilLive(service: Service, count: number): Promise<void> {
  const live = () => service.status().filter(({ liveSince }) => liveSince !== undefined)
  await vi.waitFor(() => expect(live()).toHaveLength(count), WAIT)
}

/** Says what is critical; fields and messages are made all the same. */
export function quietLog(): Logger {
  return getComponentLogger('fullon.ohlcv.daemon')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // cast: it listens on a port, not on a pipe
  server.close()
  await once(server, 'close')
  return port
}

import { type Candle, type Page, spansLengthMs, type Trade } from '@fullon/market'
import { createSeededMarket, createSimulatedClock, type ProtocolName, startSimulator } from '@fullon/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ExchangeError, type ExchangeHandler, ExchangeQueue } from '../src/index.js'

const START = Date.UTC(2026, 0, 8)
const MINUTE_MS = 60_000

/** What every exchange's sockets keep, whatever its wire is like. */
export function describeStreams(exchange: ProtocolName, symbol: string): void {
  describe(`${exchange} by socket`, { timeout: 120_000 }, async () => {
    const clock = createSimulatedClock({ start: START, speed: 60 })
    const symbols = [{ symbol, price: 64_000, amount: 0.02, tradesPerMinute: 40 }]
    const market = createSeededMarket({ seed: 9, since: START - 3_600_000, symbols })
    const simulator = await startSimulator({ market, clock, protocols: [exchange] })
    const queue = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock })
    let handler: ExchangeHandler

    beforeAll(async () => {
      handler = await queue.getHandler(exchange)
    })

    afterAll(async () => {
      await queue.close()
      await simulator.close()
    })

    it('yields every trade once inside what it vouches for, and vouches for nothing across a dropped socket', async () => {
      const pages: Page<Trade>[] = []
      const breaks: unknown[] = []
      let drops = 0
      const watch = async () => {
        for await (const batch of handler.watchTrades(symbol)) {
          pages.push(...batch)
          const isEnough = coveredMs(pages) > (drops + 1) * MINUTE_MS
          if (isEnough && drops === 2) return
          if (isEnough) drops += Math.sign(simulator.faults.dropSockets())
        }
      }
      while (drops < 2 || coveredMs(pages) <= 3 * MINUTE_MS) await watch().catch((error) => breaks.push(error))
      expect(breaks.length).toBeGreaterThanOrEqual(2)
      for (const error of breaks) expect(error).toMatchObject({ transient: true })
      for (const { rows, covered } of pages) expect(rows).toEqual(simulator.truth.trades(symbol, covered!))
      for (const [index, { covered }] of pages.entries())
        expect(covered!.since).toBeGreaterThanOrEqual(pages[index - 1]?.covered?.until ?? 0)
      expect(new Set(pages.map(({ covered }) => covered!.since)).size).toBe(pages.length)
    })

    it('yields closed candles once, ascending and as published, or says that it streams none', async () => {
      if (handler.feedFor(symbol, '1m').live !== 'candles') {
        await expect(handler.watchOhlcv(symbol, '1m').next()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
        return
      }
      const candles: Candle[] = []
      const horizon = () => Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
      while (candles.length < 4) {
        try {
          for await (const { settled } of handler.watchOhlcv(symbol, '1m')) {
            for (const { rows } of settled) for (const { timestamp } of rows) expect(timestamp).toBeLessThan(horizon())
            candles.push(...settled.flatMap(({ rows }) => rows))
            if (candles.length >= 4) break
          }
        } catch (error) {
          if (!(error instanceof ExchangeError)) throw error // a busy machine may lose a socket
        }
      }
      for (const [index, candle] of candles.entries()) {
        expect(candle.timestamp).toBeGreaterThan(candles[index - 1]?.timestamp ?? 0)
        const span = { since: candle.timestamp, until: candle.timestamp + MINUTE_MS }
        expect([candle].filter(({ volume }) => volume > 0)).toEqual(simulator.truth.candles(symbol, '1m', span))
      }
    })

    it('reports a subscription that the exchange refuses, and goes on when it takes it', async () => {
      simulator.faults.inject({ kind: 'refuse', forMs: 2 * MINUTE_MS })
      await expect(handler.watchTrades(symbol).next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED' })
      await clock.sleep(2 * MINUTE_MS)
      const stream = handler.watchTrades(symbol)
      await expect(stream.next()).resolves.toMatchObject({ done: false })
      await stream.return(undefined)
    })
  })
}

function coveredMs(pages: readonly Page<Trade>[]): number {
  return spansLengthMs(pages.map(({ covered }) => covered!))
}

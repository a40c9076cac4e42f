import { compareTrades, floorToTimeframe, type Trade } from '@fullon/market'
import { createSeededMarket, createSimulatedClock, type ProtocolName, startSimulator } from '@fullon/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ExchangeHandler, ExchangeQueue } from '../src/index.js'
import { backfillCandles, backfillTrades } from './backfill.js'

const HOUR_MS = 3_600_000
const OUTAGE_MS = 1_200_000
const SINCE = Date.UTC(2026, 0, 5)
const START = SINCE + 3 * 24 * HOUR_MS

export interface ContractOptions {
  readonly exchange: ProtocolName
  /** One that is traded all the time. */
  readonly busy: string
  /** One with minutes in which nothing happens. */
  readonly quiet: string
  /** How far candles reach back. */
  readonly candlesReachMs: number
}

/** What every exchange's REST half keeps, whatever its wire is like. */
export function describeContract({ exchange, busy, quiet, candlesReachMs }: ContractOptions): void {
  describe(`${exchange} by REST`, { timeout: 60_000 }, async () => {
    const clock = createSimulatedClock({ start: START, speed: 600 })
    const market = createSeededMarket({
      seed: 5,
      since: SINCE,
      symbols: [
        { symbol: busy, price: 64_000, amount: 0.02, tradesPerMinute: 15 },
        { symbol: quiet, price: 0.45, priceDecimals: 4, amount: 700, tradesPerMinute: 2, quiet: 0.6 },
      ],
    })
    const simulator = await startSimulator({ market, clock, protocols: [exchange] })
    const refused: unknown[] = []
    const queue = new ExchangeQueue({
      ccxtOptions: simulator.ccxtOptions,
      clock,
      onRefused: (...row) => refused.push(row),
    })
    let handler: ExchangeHandler

    beforeAll(async () => {
      handler = await queue.getHandler(exchange)
    })

    afterAll(async () => {
      await queue.close()
      await simulator.close()
    })

    it('loads what is listed once, however many ask at first, and again after it failed', async () => {
      simulator.faults.failRequests({ status: 500, count: 20 })
      const ask = () => handler.getOhlcv(busy, '1m')
      await expect(Promise.all([ask(), ask(), ask()])).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
      while (
        await ask().then(
          () => false,
          () => true,
        )
      )
        await clock.sleep(1_000)
      const before = handler.counts.requests
      await Promise.all([ask(), ask()])
      expect(handler.counts.requests - before).toBe(2)
    })

    it.for([quiet, busy])(
      'reads every candle of half a day of %s, minutes without a trade included',
      async (symbol) => {
        const until = floorToTimeframe(clock.now(), '1h') - HOUR_MS
        const span = { since: until - candlesReachMs, until }
        const { rows, pages, unavailable } = await backfillCandles(handler, symbol, '1m', span)
        expect(unavailable).toEqual([])
        expect(rows.filter(({ volume }) => volume > 0)).toEqual(simulator.truth.candles(symbol, '1m', span))
        for (const { covered, confirmedUntil } of pages) expect(confirmedUntil).toBe(covered!.until)
      },
    )

    it('reads candles of timeframes that the exchange lacks, whole ones only', async () => {
      const until = clock.now() - HOUR_MS
      const { rows, covered } = await handler.getOhlcv(busy, '2h', { since: until - 8 * HOUR_MS, until })
      expect(covered!.since % (2 * HOUR_MS)).toBe(0)
      expect(rows.length).toBeGreaterThan(2)
      const truth = simulator.truth.candles(busy, '2h', covered!)
      expect(rows.map(({ volume, ...prices }) => prices)).toEqual(truth.map(({ volume, ...prices }) => prices))
      for (const [index, { volume }] of rows.entries()) expect(volume / truth[index]!.volume).toBeCloseTo(1, 9)
    })

    it('vouches for nothing that has not settled', async () => {
      const page = await handler.getOhlcv(busy, '1m')
      expect(page.covered!.until).toBeLessThanOrEqual(clock.now() - 65_000)
      expect(page.confirmedUntil).toBeLessThanOrEqual(clock.now() - 150_000)
      const trades = await handler.getPublicTrades(busy, { since: clock.now() - 600_000, until: clock.now() })
      expect(trades.covered!.until).toBeLessThanOrEqual(clock.now() - 65_000)
    })

    it.for([
      [busy, 2],
      [quiet, 30],
    ] as const)('reads every trade of %s of a span two days ago, each once', async ([symbol, hours]) => {
      const span = { since: SINCE + 9 * HOUR_MS + 123, until: SINCE + (9 + hours) * HOUR_MS + 456 }
      const { rows } = await backfillTrades(handler, symbol, span)
      expect(inOrder(rows)).toEqual(simulator.truth.trades(symbol, span))
    })

    it('believes no empty answer while the exchange is answering nobody', async () => {
      const until = floorToTimeframe(clock.now(), '1h') - HOUR_MS
      simulator.faults.inject({ kind: 'empty', forMs: OUTAGE_MS })
      const candles = handler.getOhlcv(quiet, '1m', { since: until - HOUR_MS, until, timeoutMs: OUTAGE_MS / 2 })
      const trades = handler.getPublicTrades(quiet, { since: until - HOUR_MS, until, timeoutMs: OUTAGE_MS / 2 })
      for (const answer of await Promise.allSettled([candles, trades])) {
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ transient: true })
        else expect(answer.value.covered).toBeUndefined()
      }
    })

    it('takes HTML and cut JSON with status 200 for failures and asks again', async () => {
      await clock.sleep(OUTAGE_MS) // the one before is over
      const retries = handler.counts.retries
      simulator.faults.inject({ kind: 'html', forMs: OUTAGE_MS })
      simulator.faults.inject({ kind: 'cut', forMs: 2 * OUTAGE_MS })
      const until = floorToTimeframe(clock.now(), '1h')
      const span = { since: until - HOUR_MS, until: until - 30 * 60_000 }
      const ask = () => handler.getOhlcv(busy, '1m', span).catch((error) => error)
      let answer = await ask()
      while (answer.code === 'BAD_RESPONSE') answer = await ask()
      expect(answer.covered).toEqual(span)
      expect(handler.counts.retries).toBeGreaterThan(retries)
    })

    it('stays away as long as Retry-After says, and from a ban until it is over', async () => {
      simulator.faults.failRequests({ status: 429, count: 1, retryAfterSeconds: 90 })
      const startedAt = clock.now()
      await handler.getOhlcv(busy, '1m')
      expect(clock.now() - startedAt).toBeGreaterThanOrEqual(90_000)
      simulator.faults.failRequests({ status: 418, count: 1, retryAfterSeconds: 600 })
      await expect(handler.getOhlcv(busy, '1m')).rejects.toMatchObject({ code: 'BANNED', retryAfterMs: 600_000 })
      const { requests } = handler.counts
      await expect(handler.getOhlcv(busy, '1m')).rejects.toMatchObject({ code: 'BANNED', transient: true })
      expect(handler.counts.requests).toBe(requests)
      await clock.sleep(600_000)
      await expect(handler.getOhlcv(busy, '1m')).resolves.toHaveProperty('covered')
    })

    it('gives up on an answer that does not come in time', async () => {
      simulator.faults.inject({ kind: 'hang', forMs: 60_000 })
      await expect(handler.getOhlcv(busy, '1m', { timeoutMs: 30_000 })).rejects.toMatchObject({ code: 'TIMEOUT' })
      await clock.sleep(60_000)
    })

    it('names what was meant when a symbol or a timeframe is not there', async () => {
      const mistyped = `${busy}X`
      await expect(handler.getOhlcv(mistyped, '1m')).rejects.toMatchObject({
        code: 'SYMBOL_UNKNOWN',
        transient: false,
        message: expect.stringContaining(`did you mean ${busy}?`),
      })
      await expect(handler.getOhlcv(busy, '60m')).rejects.toMatchObject({
        code: 'TIMEFRAME_UNSUPPORTED',
        message: expect.stringContaining('did you mean 30m?'),
      })
    })

    it('lists what is traded', async () => {
      const listed = await handler.listSymbols()
      expect(listed.map(({ symbol }) => symbol).sort()).toEqual([busy, quiet].sort())
      expect(listed[0]).toMatchObject({ type: 'spot', active: true })
      expect(refused).toEqual([])
    })
  })
}

function inOrder(trades: readonly Trade[]): Trade[] {
  return trades.toSorted(compareTrades)
}

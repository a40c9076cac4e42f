import { type Candle, floorToTimeframe, type Page, spansLengthMs, type Trade } from '@fullon/market'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ExchangeHandler, ExchangeQueue } from '../src/index.js'

// Three days before the clock starts: far more than kraken's 720 candles.
const SINCE = Date.UTC(2026, 0, 5)
const START = SINCE + 3 * 86_400_000
const MINUTE_MS = 60_000

const clock = createSimulatedClock({ start: START, speed: 120 })
const simulator = await startSimulator({ market: createSeededMarket({ seed: 7, since: SINCE }), clock })
const queue = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock })
let kraken: ExchangeHandler

beforeAll(async () => {
  kraken = await queue.getHandler('kraken')
})

afterAll(async () => {
  await queue.close()
  await simulator.close()
})

function truth(page: Page<Candle> | Page<Trade>, kind: 'candles' | 'trades') {
  if (!page.covered) throw new Error('the page covers nothing')
  return kind === 'candles'
    ? simulator.truth.candles('BTC/USD', '1m', page.covered)
    : simulator.truth.trades('BTC/USD', page.covered)
}

describe('kraken pages', () => {
  it('gives the newest candles without the forming one, and vouches only for what has settled', async () => {
    const page = await kraken.getOhlcv('BTC/USD', '1m')
    expect(page.covered).toBeDefined()
    expect(page.covered!.until).toBeLessThanOrEqual(clock.now() - 65_000)
    expect(page.rows.length).toBeGreaterThan(700)
    expect(page.rows.filter((candle) => candle.volume > 0)).toEqual(truth(page, 'candles'))
    expect(page.confirmedUntil).toBeLessThanOrEqual(clock.now() - 150_000)
  })

  it('says that older candles are not served instead of pretending that there were none', async () => {
    const since = START - 2 * 86_400_000
    const page = await kraken.getOhlcv('BTC/USD', '1m', { since, until: START })
    expect(page.covered!.since).toBeGreaterThan(since)
    expect(page.unavailable).toMatchObject({ since, until: page.covered!.since })
    expect(kraken.candlesSince('BTC/USD', '1m')).toBeGreaterThanOrEqual(page.covered!.since)
  })

  it('reads every trade of two hours, page by page', async () => {
    const span = { since: START - 10 * 3_600_000, until: START - 8 * 3_600_000 }
    const trades: Trade[] = []
    let pages = 0
    for (let since = span.since; since < span.until; pages++) {
      const page = await kraken.getPublicTrades('BTC/USD', { ...span, since })
      trades.push(...page.rows)
      since = page.covered!.until
    }
    expect(pages).toBeGreaterThan(1)
    expect(trades).toEqual(simulator.truth.trades('BTC/USD', span))
  })

  it('reads trades that had not settled as provisional at most', async () => {
    const page = await kraken.getPublicTrades('BTC/USD', { since: clock.now() - 600_000, until: clock.now() })
    expect(page.covered!.until).toBeLessThanOrEqual(clock.now() - 65_000)
    expect(page.confirmedUntil).toBeLessThanOrEqual(clock.now() - 150_000)
  })

  it('tries again after 429 and 503', async () => {
    simulator.faults.failRequests({ status: 429, count: 1, retryAfterSeconds: 2 })
    await expect(kraken.getOhlcv('BTC/USD', '1m')).resolves.toHaveProperty('covered')
    simulator.faults.failRequests({ status: 503, count: 2 })
    await expect(kraken.getOhlcv('BTC/USD', '1m')).resolves.toHaveProperty('covered')
    expect(kraken.counts.retries).toBeGreaterThanOrEqual(3)
  })

  it('refuses names that the exchange does not have', async () => {
    await expect(queue.getHandler('krakn')).rejects.toMatchObject({ code: 'EXCHANGE_UNKNOWN' })
    await expect(kraken.getOhlcv('BTC/XYZ', '1m')).rejects.toMatchObject({ code: 'SYMBOL_UNKNOWN' })
    await expect(kraken.getOhlcv('BTC/USD', '2m')).rejects.toThrow(/expected one of 1m 3m/)
  })
})

describe('kraken streams', () => {
  it('yields closed candles that equal what the exchange published, each once', async () => {
    const candles: Candle[] = []
    for await (const { settled } of kraken.watchOhlcv('ETH/USD', '1m')) {
      for (const { rows, covered } of settled) {
        expect(spansLengthMs([covered!])).toBe(rows.length * MINUTE_MS)
        candles.push(...rows)
      }
      if (candles.length >= 8) break
    }
    const span = { since: candles[0]!.timestamp, until: candles.at(-1)!.timestamp + MINUTE_MS }
    expect(candles.filter(({ volume }) => volume > 0)).toEqual(simulator.truth.candles('ETH/USD', '1m', span))
  })

  it('never stores the forming candle', async () => {
    for await (const { settled, forming } of kraken.watchOhlcv('ETH/USD', '1m')) {
      const horizon = floorToTimeframe(clock.now(), '1m')
      for (const { rows } of settled) for (const { timestamp } of rows) expect(timestamp).toBeLessThan(horizon)
      if (settled.length > 0 && forming) break
    }
  })

  it('yields every trade once, and ends at a dropped socket instead of vouching across it', async () => {
    const pages: Page<Trade>[] = []
    const collectUntilBroken = async (dropAfter: number) => {
      let seen = 0
      for await (const batch of kraken.watchTrades('BTC/USD')) {
        pages.push(...batch)
        if (++seen === dropAfter) simulator.faults.dropSockets()
      }
    }
    await expect(collectUntilBroken(3)).rejects.toMatchObject({ code: 'STREAM_BROKEN' })
    await expect(collectUntilBroken(3)).rejects.toMatchObject({ code: 'STREAM_BROKEN' })
    const outside = pages.reduce(
      (sum, { covered }, index) => sum + (index > 0 && covered!.since > pages[index - 1]!.covered!.until ? 1 : 0),
      0,
    )
    expect(outside).toBe(1)
    for (const page of pages) expect(page.rows).toEqual(truth(page, 'trades'))
  })

  it('tells a consumer that the handler was closed', async () => {
    const own = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock })
    const handler = await own.getHandler('kraken')
    const stream = handler.watchTrades('BTC/USD')
    await stream.next()
    const next = stream.next().then(() => stream.next())
    await Promise.all([expect(next).rejects.toMatchObject({ code: 'CLOSED' }), own.close()])
  })
})

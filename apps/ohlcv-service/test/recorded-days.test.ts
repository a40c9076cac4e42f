import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openScratchDatabase } from '@fullon/embedded'
import { ExchangeQueue } from '@fullon/exchange'
import { type Candle, type EpochMs, type Span, spansLengthMs } from '@fullon/market'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'
import { createCandleReplayMarket, createSimulatedClock, parseMinuteRecording, startSimulator } from '@fullon/simulator'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from './scene.js'

// crypto__coinbase__minute__btcusd__20180404_trade.zip
const NAME = /^crypto__coinbase__minute__([a-z]{3})([a-z]{3})__(\d{4})(\d{2})(\d{2})_trade\.zip$/
const FOLDER = process.env.MARKET_DATA_DIR && join(process.env.MARKET_DATA_DIR, 'lean/minute')
const DAYS = (FOLDER ? readdirSync(FOLDER) : []).flatMap((name) => {
  const [, base = '', quote = '', year, month, date] = NAME.exec(name) ?? []
  const day = Date.UTC(Number(year), Number(month) - 1, Number(date))
  return base ? [{ name, symbol: `${base}/${quote}`.toUpperCase(), day }] : []
})

it('stores a day on which the exchange was away for seven hours, and knows that nothing happened in them', {
  timeout: 60_000,
}, async () => {
  const day = Date.UTC(2018, 3, 4)
  const minutes = (since: number, until: number) =>
    Array.from({ length: until - since }, (_, index) => ({
      timestamp: day + (since + index) * MINUTE_MS,
      open: 7000 + index,
      high: 7003 + index,
      low: 6990,
      close: 6995,
      volume: 1.5,
    }))
  const before = minutes(0, 1007)
  const stored = await storeDay('BTC/USD', day, [...before, ...minutes(1440, 1500)])
  expect(stored).toEqual({ candles: before, confirmedMs: DAY_MS })
})

it.skipIf(DAYS.length === 0)(
  'stores every recorded day of coinbase as recorded, its holes too (skipped without MARKET_DATA_DIR)',
  { timeout: 180_000 },
  async () => {
    const holesMs = new Map<string, number>()
    for (const { name, symbol, day } of DAYS) {
      const recorded = read(name)
      const next = DAYS.find((other) => other.symbol === symbol && other.day === day + DAY_MS)
      const stored = await storeDay(symbol, day, [...recorded, ...(next ? read(next.name) : [])])
      expect(stored.candles, name).toEqual(recorded)
      expect(stored.confirmedMs, name).toBe(DAY_MS)
      holesMs.set(name, day + DAY_MS - recorded.at(-1)!.timestamp - MINUTE_MS)
    }
    expect(holesMs.get('crypto__coinbase__minute__btcusd__20180404_trade.zip')! / 3_600_000).toBeGreaterThan(7)
  },
)

/** One run: an exchange on which it has just been midnight, a client, an empty database. */
async function storeDay(symbol: string, day: EpochMs, candles: readonly Candle[]) {
  const clock = createSimulatedClock({ start: day + DAY_MS + 10 * MINUTE_MS, speed: 20 })
  const market = createCandleReplayMarket({ symbol, candles })
  await using simulator = await startSimulator({ market, clock, protocols: ['coinbaseexchange'] })
  await using queue = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock })
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  await using ohlcv = await openOhlcv({ url: scratch.url })
  const handler = await queue.getHandler('coinbaseexchange')
  const repository = new CandleRepository(ohlcv, 'coinbaseexchange', symbol, '1m')
  const wanted = { since: day, until: day + DAY_MS, strength: 'confirmed' } as const
  for (let [gap] = await repository.gaps(wanted); gap; [gap] = await repository.gaps(wanted)) {
    const page = await handler.getOhlcv(symbol, '1m', gap)
    expect(page.covered).toBeDefined()
    await repository.saveCandles(page)
  }
  const { confirmed } = await repository.coverage()
  return { candles: await readAll(scratch.url), confirmedMs: spansLengthMs(within(confirmed, wanted)) }
}

function within(spans: readonly Span[], { since, until }: Span): Span[] {
  return spans.map((span) => ({ since: Math.max(span.since, since), until: Math.min(span.until, until) }))
}

async function readAll(url: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1 })
  try {
    const rows = await sql`select extract(epoch from "timestamp")::float8 * 1000 as timestamp, open, high, low, close,
      volume from ohlcv.candles order by "timestamp"`
    return [...rows]
  } finally {
    await sql.end()
  }
}

function read(name: string): readonly Candle[] {
  return parseMinuteRecording(readFileSync(join(FOLDER ?? '', name)))
}

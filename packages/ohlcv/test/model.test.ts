import {
  type Candle,
  compareTrades,
  normalizeSpans,
  type Page,
  type Span,
  subtractSpans,
  type Trade,
  wholeIntervals,
} from '@fullon/market'
import { describe, expect } from 'vitest'
import { applyRetention, CandleRepository, deleteSeries, type OhlcvDatabase, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { CELL_MS, Model } from './model.js'
import { type Random, randomOf } from './random.js'
import { candle, minute, minutes, trade } from './rows.js'

/** Thousands were run: `MODEL_SEEDS=1000 MODEL_FIRST_SEED=3000`. */
const SEEDS = Number(process.env.MODEL_SEEDS ?? 200)
const FIRST_SEED = Number(process.env.MODEL_FIRST_SEED ?? 0)
const STEPS = 12
/** Minutes of the model, half of them in the week before. */
const SINCE = -6
const UNTIL = 6

const it = test
  .extend('trades', ({ database, symbol }) => new TradeRepository(database.db, 'kraken', symbol))
  .extend('candles', ({ database, symbol }) => new CandleRepository(database.db, 'kraken', symbol, '1m'))

interface World {
  readonly random: Random
  readonly model: Model
  readonly db: OhlcvDatabase
  readonly symbol: string
  readonly candles: CandleRepository
  readonly trades: TradeRepository
  marks: Span[]
}

describe('stores what a plain model of the rules stores', () => {
  it.for(Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index))(
    'seed %i',
    async (seed, { candles, trades, symbol, database }) => {
      const world = { random: randomOf(seed), model: new Model(), db: database.db, symbol, candles, trades, marks: [] }
      for (let step = 0; step < STEPS; step++) {
        await takeStep(world)
        await compare(world)
      }
      for (const series of seriesOf(symbol)) await deleteSeries(database.db, series) // else its weeks are never dropped
    },
  )
})

async function takeStep(world: World): Promise<void> {
  const { random, model, candles } = world
  const kind = random.int(24)
  if (kind < 9) {
    const page = candlePage(random)
    expect(await candles.saveCandles(page)).toEqual(model.saveCandles(page))
  } else if (kind < 18) await saveTrades(world)
  else if (kind < 20) {
    const span = randomSpan(random, 1)
    const build = buildOptions(random)
    const expected = model.buildCandles(span, build.finalBefore)
    expect(await world.trades.buildCandles(span, build)).toBe(expected)
  } else if (kind < 22) await retain(world)
  else if (kind === 22) {
    const span = randomSpan(random, 60)
    await candles.markUnavailable(span, `reason ${random.int(2)}`)
    world.marks.push(span)
    model.hasCandles = true
  } else if (random.int(2)) {
    await candles.clearUnavailable()
    world.marks = []
  } else await forget(world)
}

async function saveTrades({ random, model, trades }: World): Promise<void> {
  const page = tradePage(random)
  const build = random.int(4) > 0 ? buildOptions(random) : undefined
  const expected = model.saveTrades(page)
  const built = build ? model.buildCandles(page.covered!, build.finalBefore) : 0
  expect(await trades.saveTrades(page, build ? { build } : {})).toEqual({ ...expected, built })
}

async function retain({ random, model, marks, db }: World): Promise<void> {
  const kind = random.int(2) ? 'candles' : 'trades'
  const limit = minute(SINCE) + random.int(((UNTIL - SINCE) * 60_000) / CELL_MS) * CELL_MS
  if (kind === 'candles') model.dropCandles(limit)
  else model.dropTrades(limit, marks)
  await applyRetention(db, { kind, now: limit + 25 * 3_600_000, keepMs: 24 * 3_600_000 }) // and the hour of grace
}

async function forget({ random, model, db, symbol, ...world }: World): Promise<void> {
  const kind = random.int(2) ? 'candles' : 'trades'
  const [candles, trades] = seriesOf(symbol)
  const rows = kind === 'candles' ? model.candles.size : [...model.trades.values()].flat().length
  expect(await deleteSeries(db, kind === 'candles' ? candles : trades)).toBe(rows)
  model.forget(kind)
  if (kind === 'candles') world.marks.length = 0
}

function seriesOf(symbol: string) {
  return [
    { exchange: 'kraken', symbol, timeframe: '1m' },
    { exchange: 'kraken', symbol },
  ] as const
}

async function compare({ model, marks, random, candles, trades }: World): Promise<void> {
  expect(await candles.getCandles()).toEqual([...model.candles.values()].sort((a, b) => a.timestamp - b.timestamp))
  expect(await trades.getTradesInRange(minutes(SINCE, UNTIL))).toEqual(
    [...model.trades.values()].flat().sort(compareTrades),
  )
  const { unavailable, ...spans } = await candles.coverage()
  expect(spans).toEqual(coverageOf(model, 'candles'))
  expect(normalizeSpans(unavailable)).toEqual(normalizeSpans(marks))
  expect(await trades.coverage()).toEqual({ ...coverageOf(model, 'trades'), unavailable: [] })
  const wanted = randomSpan(random, 60)
  for (const strength of ['covered', 'confirmed'] as const) {
    const open = subtractSpans(subtractSpans([wanted], spans[strength]), marks)
    expect(await candles.gaps({ ...wanted, strength })).toEqual(wholeIntervals(open, '1m').reverse())
  }
}

function coverageOf(model: Model, kind: 'candles' | 'trades') {
  const [covered, confirmed, built] = (['covered', 'confirmed', 'built'] as const).map((it) => model.spansOf(kind, it))
  return { covered, confirmed, built }
}

function candlePage(random: Random): Page<Candle> {
  const covered = randomSpan(random, 1)
  const rows: Candle[] = []
  for (let index = SINCE; index < UNTIL; index++) {
    const close = 100 + random.int(3)
    const quiet = random.int(8) === 0
    const inside = minute(index) >= covered.since && minute(index) < covered.until
    if (inside && random.int(3) > 0) rows.push(quiet ? { ...candle(index), volume: 0 } : candle(index, close))
  }
  return { rows, covered, ...(random.int(2) && { confirmedUntil: minute(SINCE + random.int(UNTIL - SINCE + 2)) }) }
}

function tradePage(random: Random): Page<Trade> {
  const covered = randomSpan(random, 60_000 / CELL_MS)
  const rows: Trade[] = []
  // The same few trades of a cell come again and again, now and then corrected; two share a millisecond.
  for (let { since } = covered; since < covered.until; since += CELL_MS) {
    for (const [id, offset] of [
      ['7', 0],
      ['31', 0],
      ['200', CELL_MS - 1],
    ] as const) {
      if (random.int(3) > 0) continue
      const amount = (1 + random.int(3)) / 10
      rows.push({ ...trade(0, 100 + random.int(4), `${id}${since / CELL_MS}`), timestamp: since + offset, amount })
    }
  }
  const cells = (minute(UNTIL + 1) - minute(SINCE)) / CELL_MS
  return { rows, covered, ...(random.int(2) && { confirmedUntil: minute(SINCE) + random.int(cells) * CELL_MS }) }
}

function buildOptions(random: Random) {
  // In half minutes: only whole ones before it are out of reach.
  return { timeframe: '1m', ...(random.int(2) && { finalBefore: minute(SINCE + random.int(2 * (UNTIL - SINCE)) / 2) }) }
}

/** Not empty, bounds in parts of a minute. */
function randomSpan(random: Random, parts: number): Span {
  const since = random.int((UNTIL - SINCE) * parts)
  const until = since + 1 + random.int((UNTIL - SINCE) * parts - since)
  return minutes(SINCE + since / parts, SINCE + until / parts)
}

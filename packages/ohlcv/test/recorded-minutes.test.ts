import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { type Candle, resampleCandles, type Span, saysNothing, subtractSpans, timeframeMs } from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, TimeseriesRepository } from '../src/index.js'
import { test } from './fixtures.js'

const folder = process.env.MARKET_DATA_DIR
const DAY_MS = timeframeMs('1d')

interface Day {
  readonly rows: readonly Candle[]
  /** From midnight to the end of the last candle: some recordings stop in the middle of the day. */
  readonly covered: Span
}

describe.skipIf(!folder)('recorded minutes of exchanges (skipped without MARKET_DATA_DIR)', () => {
  const markets = folder
    ? [...listMarkets(join(folder, 'lean/minute')), ...listMarkets(join(folder, 'lean/future'))]
    : []

  test.for(markets)(
    'of %s come out as they went in, and their holes are gaps',
    async ([, files], { database: { db }, symbol }) => {
      const repo = new CandleRepository(db, 'recorded', symbol, '1m')
      const days = files.map(readDay)
      for (const { rows, covered } of days.toReversed()) {
        const saved = await repo.saveCandles({ rows, covered, confirmedUntil: covered.until })
        expect(saved).toMatchObject({ inserted: rows.filter((row) => !saysNothing(row)).length, deleted: 0 })
      }
      const rows = days.flatMap((day) => day.rows.filter((row) => !saysNothing(row)))
      expect(rows.length).toBeGreaterThan(700)
      expect(await repo.getCandles()).toEqual(rows)
      const all = { since: days[0]!.covered.since, until: days.at(-1)!.covered.until }
      const holes = subtractSpans(
        [all],
        days.map(({ covered }) => covered),
      )
      expect(await repo.gaps({ ...all, strength: 'confirmed' })).toEqual(holes.toReversed())
      const csv = (await textOf(repo.exportCsv())).trim().split('\n').slice(1)
      expect(csv.map((line) => line.split(',').map(Number))).toEqual(rows.map((row) => Object.values(row)))
      for (const timeframe of ['5m', '1h', '1d'] as const) {
        const fetched = await new TimeseriesRepository(db, 'recorded', symbol).fetchOhlcv({ timeframe, ...all })
        expect(fetched.map(({ whole, ...candle }) => candle)).toEqual(resampleCandles(rows, '1m', timeframe))
      }
    },
  )
})

/** Recordings of one symbol, oldest first. */
function listMarkets(path: string): [name: string, files: string[]][] {
  const markets = new Map<string, string[]>()
  for (const file of readdirSync(path).toSorted()) {
    const name = file.split('__').slice(0, 4).join(' ')
    if (file.endsWith('.zip')) markets.set(name, [...(markets.get(name) ?? []), join(path, file)])
  }
  return [...markets]
}

/** A zip of one CSV: `ms since midnight, open, high, low, close, volume`. */
function readDay(file: string): Day {
  const [, year, month, day] = /(\d{4})(\d{2})(\d{2})_trade\.zip$/.exec(file) ?? []
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  const zip = readFileSync(file)
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28) // past the header, the name and the extra field
  const lines = inflateRawSync(zip.subarray(start)).toString().trim().split('\n')
  const rows = lines.map((line) => {
    const [offset = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = line.split(',').map(Number)
    return { timestamp: midnight + offset, open, high, low, close, volume }
  })
  const until = Math.min(rows.at(-1)!.timestamp + 60_000, midnight + DAY_MS)
  return { rows, covered: { since: midnight, until } }
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { clipSpans, type Span, subtractSpans, wholeIntervals } from '@fullon/market'
import { describe, expect } from 'vitest'
import { CandleRepository, TradeRepository } from '../src/index.js'
import { type TestDatabase, test } from './fixtures.js'
import { randomOf } from './random.js'
import { truthCandles, truthTrades } from './truth.js'

/** How often two writers are killed; hundreds were run, CI does a few. */
const KILLS = Number(process.env.KILLS ?? 4)

describe('rows and what vouches for them agree after two writers of one series are killed with kill -9', () => {
  test.for(Array.from({ length: KILLS }, (_, round) => round))(
    'round %i',
    { timeout: 120_000 },
    async (round, { database }) => {
      const random = randomOf(round)
      const symbol = `KILL${round}/USD`
      const writers = [0, 1].map((index) => startWriter(database, [symbol, `${2 * round + index}`, `${round}`]))
      const exits = writers.map((writer) => once(writer, 'exit'))
      await Promise.all(writers.map(({ stdout }) => once(stdout!, 'data')))
      for (const writer of writers) {
        await new Promise((resolve) => setTimeout(resolve, random.int(150))) // any moment will do
        writer.kill('SIGKILL')
      }
      await Promise.all(exits)
      await untilDisconnected(database)
      await expectConsistent(database, symbol)
    },
  )
})

test('several processes that write overlapping pages of one series end with the truth', { timeout: 120_000 }, async ({
  database,
}) => {
  const writers = [1, 2, 3].map((seed) => startWriter(database, ['MANY/USD', `${seed}`, '0', '40']))
  for (const code of await Promise.all(writers.map((writer) => once(writer, 'exit')))) expect(code[0]).toBe(0)
  const covered = await expectConsistent(database, 'MANY/USD')
  expect(covered.length).toBeGreaterThan(0)
})

/** Everything that is covered is there as it happened, and nothing else is. */
async function expectConsistent({ db }: TestDatabase, symbol: string): Promise<Span[]> {
  const trades = new TradeRepository(db, 'kraken', symbol)
  const built = new CandleRepository(db, 'kraken', symbol, '1m')
  const own = new CandleRepository(db, 'binance', symbol, '1m')
  const { covered, confirmed } = await trades.coverage()
  expect(subtractSpans(confirmed, covered)).toEqual([])
  expect(await trades.getTradesInRange({ since: 0, until: Date.UTC(3000) })).toEqual(covered.flatMap(truthTrades))
  const whole = wholeIntervals(covered, '1m')
  expect(await built.coverage()).toMatchObject({ covered: whole, confirmed: [], built: whole })
  expect(await built.getCandles()).toEqual(whole.flatMap(truthCandles))
  const { covered: owned, confirmed: final } = await own.coverage()
  expect(final.flatMap((span) => clipSpans(owned, span))).toEqual(final)
  expect(await own.getCandles()).toEqual(owned.flatMap(truthCandles))
  return covered
}

function startWriter({ url }: TestDatabase, args: readonly string[]): ChildProcess {
  const script = fileURLToPath(new URL('endless-writer.ts', import.meta.url))
  const flags = ['--conditions=@fullon/source', '--import', 'tsx']
  return spawn(process.execPath, [...flags, script, url, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A server may still be committing for a client that is dead: one of our two, this test's own aside. */
async function untilDisconnected({ sql }: TestDatabase): Promise<void> {
  const busy = () => sql`
    select from pg_stat_activity
    where datname = current_database() and application_name = 'fullon-ohlcv' and state <> 'idle'`
  await expect.poll(async () => (await busy()).length, { timeout: 30_000 }).toBe(0)
}

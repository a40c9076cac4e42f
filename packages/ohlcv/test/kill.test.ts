import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Span, subtractSpans, wholeIntervals } from '@fullon/market'
import { build } from 'esbuild'
import { describe, expect } from 'vitest'
import { CandleRepository, TradeRepository } from '../src/index.js'
import { type TestDatabase, test } from './fixtures.js'
import { randomOf } from './random.js'
import { truthCandles, truthTrades } from './truth.js'

/** Rounds of two writers each. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 100)

/** One file, so that a writer runs 0.2 s after its start and hundreds can be killed in a minute. */
const it = test.extend('writer', { scope: 'file' }, async ({ database: _ }, { onCleanup }) => {
  const folder = await mkdtemp(join(tmpdir(), 'fullon-writer-'))
  onCleanup(() => rm(folder, { recursive: true }))
  const outfile = join(folder, 'writer.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('endless-writer.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20', // lowers `await using`
    conditions: ['@fullon/source'],
    external: ['pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" }, // for pg
  })
  return outfile
})

describe('rows and what vouches for them agree after two writers of one series are killed with kill -9', () => {
  it.for(Array.from({ length: ROUNDS }, (_, round) => round))(
    'round %i',
    { timeout: 120_000 },
    async (round, { database, writer }) => {
      const random = randomOf(round)
      const symbol = `KILL${round}/USD`
      const retains = round % 2 === 1
      const writers = [0, 1].map((index) =>
        startWriter(writer, [database.url, symbol, `${2 * round + index}`, `${round}`, `${retains}`]),
      )
      const exits = writers.map((child) => once(child, 'exit'))
      await Promise.all(writers.map(untilReady))
      for (const child of writers) {
        await new Promise((resolve) => setTimeout(resolve, random.int(60))) // any moment will do
        child.kill('SIGKILL')
      }
      for (const [code, signal] of await Promise.all(exits)) expect([code, signal]).toEqual([null, 'SIGKILL'])
      await untilDisconnected(database)
      const { covered, built } = await expectTruth(database, symbol)
      if (!retains) expect(built).toEqual(wholeIntervals(covered, '1m'))
    },
  )
})

it('several processes that write overlapping pages of one series end with the truth', { timeout: 120_000 }, async ({
  database,
  writer,
}) => {
  const writers = [1, 2, 3].map((seed) =>
    startWriter(writer, [database.url, 'MANY/USD', `${seed}`, '0', 'false', '40']),
  )
  for (const [code] of await Promise.all(writers.map((child) => once(child, 'exit')))) expect(code).toBe(0)
  const { covered, built } = await expectTruth(database, 'MANY/USD')
  expect(covered.length).toBeGreaterThan(0)
  expect(built).toEqual(wholeIntervals(covered, '1m'))
})

/** Everything that is covered is there as it happened, and nothing else is. */
async function expectTruth({ db }: TestDatabase, symbol: string): Promise<{ covered: Span[]; built: Span[] }> {
  const trades = new TradeRepository(db, 'kraken', symbol)
  const fromTrades = new CandleRepository(db, 'kraken', symbol, '1m')
  const own = new CandleRepository(db, 'binance', symbol, '1m')
  const { covered, confirmed } = await trades.coverage()
  expect(subtractSpans(confirmed, covered)).toEqual([])
  expect(await trades.getTradesInRange({ since: 0, until: Date.UTC(3000) })).toEqual(covered.flatMap(truthTrades))
  const { built, ...spans } = await fromTrades.coverage()
  expect(spans).toMatchObject({ covered: built, confirmed: [] })
  expect(await fromTrades.getCandles()).toEqual(built.flatMap(truthCandles))
  const { covered: owned, confirmed: final } = await own.coverage()
  expect(subtractSpans(final, owned)).toEqual([])
  expect(await own.getCandles()).toEqual(owned.flatMap(truthCandles))
  return { covered, built }
}

function startWriter(file: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function untilReady(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => 'ended')
  expect(await Promise.race([once(child.stdout!, 'data'), ended])).not.toBe('ended')
}

/** A server may still be committing for a client that is dead: one of our two, this test's own aside. */
async function untilDisconnected({ sql }: TestDatabase): Promise<void> {
  const busy = () => sql`
    select from pg_stat_activity
    where datname = current_database() and application_name = 'fullon-ohlcv' and state <> 'idle'`
  await expect.poll(async () => (await busy()).length, { timeout: 30_000 }).toBe(0)
}

import { readdirSync, readFileSync } from 'node:fs'
import { OHLCVCache, openCache } from '@fullon/cache'
import { openEmbeddedPostgres } from '@fullon/embedded'
import { resampleCandles } from '@fullon/market'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorld, redisUrl, startExample, until, type World } from './run-example.js'

const MINUTE_MS = 60_000
const SYMBOL = 'BTC/USD'
let world: World & AsyncDisposable

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** What it writes until it ends by itself. */
async function run(name: string): Promise<string> {
  const example = startExample(name, world.env)
  expect(await example.ended, example.output()).toBe(0)
  return example.output()
}

/** What the examples have stored, and what kraken published of the time they vouch for. */
async function readStored(symbol = SYMBOL) {
  await using server = await openEmbeddedPostgres({ dataDir: world.dataDir })
  await using db = await openOhlcv({ url: server.url })
  const candles = new CandleRepository(db, 'kraken', symbol, '1m')
  const { covered, confirmed } = await candles.coverage()
  const truth = covered.flatMap((span) => world.simulator.truth.candles(symbol, '1m', span))
  return { stored: await candles.getCandles(), truth, covered, confirmed }
}

// In this order: some read what the first stored.
describe('the examples', { timeout: 180_000 }, () => {
  it('fetch-candles: stores what kraken published, and how much of it that is', async () => {
    const output = await run('fetch-candles')
    const { stored, truth, confirmed } = await readStored()
    expect(stored.length).toBeGreaterThan(300)
    expect(stored).toEqual(truth)
    expect(confirmed).toHaveLength(1)
    expect(output).toContain(`inserted: ${stored.length}`)
    const newest = stored.at(-1)!
    expect(output).toContain(`${new Date(newest.timestamp).toISOString()} {`)
    expect(output).toContain(`close: ${newest.close}`)
  })

  it('find-gaps: names what is missing, stores what kraken still has, and says what cannot be had', async () => {
    const output = await run('find-gaps')
    const { stored, truth, covered } = await readStored('ETH/USD')
    expect(output).toMatch(/^missing \d{4}-.* to \d{4}-/m)
    expect(output).toMatch(/not to be had .*only the 720 newest candles/s)
    expect(output).toMatch(/^missing now \[\]$/m)
    expect(covered).toHaveLength(1)
    expect(stored.length).toBeGreaterThan(600)
    expect(stored).toEqual(truth)
  })

  it('read-and-resample: gives the quarters of an hour that the minutes make', async () => {
    const output = await run('read-and-resample')
    const { stored } = await readStored()
    const shown = [...output.matchAll(/^(\S+Z) (\{.*\}) $/gm)].map(([, time, prices]) => ({
      timestamp: Date.parse(time!),
      ...JSON.parse(prices!),
    }))
    expect(shown.length).toBeGreaterThanOrEqual(22) // six hours, but for what is not whole at the ends
    const truth = resampleCandles(stored, '1m', '15m').filter(({ timestamp }) => timestamp >= shown[0].timestamp)
    expect(shown).toEqual(
      truth.slice(0, shown.length).map((candle) => ({ ...candle, volume: expect.closeTo(candle.volume, 6) })),
    )
  })

  it('follow-candles: stores what is final, shows what is forming, and ends with Ctrl-C', async () => {
    const example = startExample('follow-candles', world.env)
    await until(() => /saved/.test(example.output()) && /forming \d/.test(example.output()))
    example.signal('SIGINT')
    expect(await example.ended, example.output()).toBe(0)
    const { stored, truth } = await readStored()
    expect(stored).toEqual(truth)
  })

  it.skipIf(!redisUrl)('subscribe-to-cache: shows what is there and what comes (needs TEST_REDIS_URL)', async () => {
    await using cache = await openCache({ url: redisUrl })
    const ohlcv = new OHLCVCache(cache)
    const series = { exchange: 'kraken', symbol: SYMBOL, timeframe: '1m' } as const
    const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
    const [old, closed, forming] = [2, 1, 0].map((minutes) => {
      const timestamp = now - minutes * MINUTE_MS
      return { timestamp, open: 1, high: 9, low: 1, close: 5 + minutes, volume: 3 }
    })
    await ohlcv.updateCandles(series, [old!])
    const example = startExample('subscribe-to-cache', { REDIS_URL: redisUrl! })
    await until(() => example.output().includes(`timestamp: ${old!.timestamp}`))
    await ohlcv.updateAll([{ series, candles: [closed!], forming: forming! }])
    await until(() => example.output().includes(`timestamp: ${closed!.timestamp}`))
    await until(() => example.output().includes(`forming ${forming!.close}`))
    example.signal('SIGINT')
    expect(await example.ended).toBe(0)
    await cache.driver.run([{ op: 'delete', key: cache.keys.candles(series) }])
  })

  it('are as short as they are said to be', () => {
    const folder = new URL('../', import.meta.url)
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.startsWith('vitest'))) {
      const lines = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n').length
      expect([name, lines < (name === 'ticker-service.ts' ? 60 : 40)]).toEqual([name, true])
    }
  })
})

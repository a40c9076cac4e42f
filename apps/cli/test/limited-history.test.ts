import type { Candle } from '@fullon/market'
import { afterAll, expect, it } from 'vitest'
import { openWorld } from './open-world.js'

// kraken serves the newest 720 candles and no older one; its trades reach back as far as there are any.
const world = await openWorld({ exchange: 'kraken', symbols: ['BTC/USD'], hours: 16 })
const { fullon, json } = world

afterAll(() => world[Symbol.asyncDispose]())

it('backfills beyond what the exchange serves of candles, draws what was built, and verifies the rest', {
  timeout: 240_000,
}, async () => {
  await json('symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '0')
  const { code, stdout } = await fullon('backfill', 'kraken', 'BTC/USD', '--since', '15h')
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1 days back') })
  const until = Math.floor(Date.now() / 60_000) * 60_000 - 10 * 60_000
  const span = { since: until - 14 * 3_600_000, until }
  const range = ['--since', new Date(span.since).toISOString(), '--until', new Date(span.until).toISOString()]
  const stored = await json<(Candle & { whole: boolean })[]>('candles', 'kraken', 'BTC/USD', '1m', ...range)
  const published = world.simulator.truth.candles('BTC/USD', '1m', span)
  expect(stored.map(({ timestamp, close }) => ({ timestamp, close }))).toEqual(
    published.map(({ timestamp, close }) => ({ timestamp, close })),
  )
  expect((await fullon('coverage')).stdout).toMatch(/kraken BTC\/USD 1m\n(.*\n)*.*▒/)
  const verified = await fullon('verify', 'kraken', 'BTC/USD', '--since', '14h')
  expect(verified).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/not asked again: .*(1|2)h.*\n.*none different/),
  })
})

it('stops a backfill when it is asked to, and keeps what it has', { timeout: 240_000 }, async () => {
  const running = world.start('backfill', 'kraken', 'BTC/USD', '--since', '10d')
  running.child.stderr?.once('data', () => running.child.kill('SIGINT')) // it has begun: the first progress
  const { code, stderr } = await running.finished
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('what was had is stored') })
  expect(await json('symbol', 'list')).toMatchObject([{ backtest: 1 }])
})

it('fullon export into a pipe that is closed early is no error', { timeout: 180_000 }, async () => {
  const { child, finished } = world.start('export', 'kraken', 'BTC/USD', 'trades')
  child.stdout?.once('data', () => child.stdout?.destroy())
  expect(await finished).toMatchObject({ code: 0, stderr: '' })
})

import { serveMonitor } from '@fullon/daemon'
import { floorToTimeframe, type Span, systemClock } from '@fullon/market'
import { CandleRepository, newSeriesStatus, openOhlcv, type SeriesStatus } from '@fullon/ohlcv'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openWorld } from './open-world.js'
import { startCommand } from './run-command.js'
import { runInProcess } from './run-in-process.js'

const MINUTE_MS = 60_000
const BTC = { exchange: 'binance', symbol: 'BTC/USDT', timeframe: '1m' } as const

const world = await openWorld({ hours: 1 })

afterAll(() => world[Symbol.asyncDispose]())

/** What a service with one series of candles answers. */
function serve(status: Partial<SeriesStatus>, port = 0) {
  const series = [{ ...newSeriesStatus(BTC, Date.now()), ...status }]
  return serveMonitor(
    { series: () => series, exchanges: () => [], problem: async () => undefined, clock: systemClock },
    { port },
  )
}

describe('fullon status over HTTP', () => {
  it('is unhealthy, exit code 1, when the service says so', async () => {
    await using late = await serve({ state: 'filling', freshAt: Date.now() - 3_600_000 })
    expect(await runInProcess(['status', '--url', late.url], {})).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^unhealthy, says http[\s\S]*candles +filling .* 1h\n$/),
    })
  })

  it.each([
    { host: '::', url: 'http://[::1]:1' },
    { host: '::1', url: 'http://[::1]:1' },
    { host: '0.0.0.0', url: 'http://127.0.0.1:1' },
  ])('asks where a service that listens on $host is reached', async ({ host, url }) => {
    const { code, stderr } = await runInProcess(['status'], { HTTP_HOST: host, HTTP_PORT: '1' })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`answers at ${url} (`) })
  })

  it('watches through a restart of the service', { timeout: 120_000 }, async () => {
    const first = await serve({ state: 'idle' })
    const watching = startCommand(['status', '--watch', '--json', '--url', first.url], {})
    let seen = ''
    watching.child.stdout?.on('data', (text) => {
      seen += text
    })
    const states = () =>
      seen
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).healthy)
    await vi.waitFor(() => expect(states()).toContain(true), { timeout: 60_000 })
    await first[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(states()).toContain(false), { timeout: 30_000 })
    await using _ = await serve({ state: 'idle' }, Number(new URL(first.url).port))
    await vi.waitFor(() => expect(states().at(-1)).toBe(true), { timeout: 30_000 })
    watching.child.kill('SIGTERM')
    await watching.finished
  })
})

describe('fullon gaps', () => {
  const now = floorToTimeframe(Date.now(), '1m')
  const minutes = (from: number, to: number): Span => ({ since: now - from * MINUTE_MS, until: now - to * MINUTE_MS })
  const gaps = (...flags: string[]) => world.fullon('gaps', 'binance', 'BTC/USDT', ...flags)

  it('says when nothing is collected', async () => {
    expect(await world.fullon('gaps')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/nothing is collected/),
    })
  })

  it('leaves out the quiet minutes of a series of which the running service lacks nothing, and no others', async () => {
    await world.fullon('symbol', 'add', 'binance', 'BTC/USDT', '--backtest', '0')
    await using ohlcv = await openOhlcv({ url: world.env.DATABASE_URL! })
    const candles = new CandleRepository(ohlcv, BTC.exchange, BTC.symbol, BTC.timeframe)
    const [open, high, low, close] = [1, 1, 1, 1]
    const rows = [{ timestamp: now - 300 * MINUTE_MS, open, high, low, close, volume: 1 }]
    await candles.saveCandles({ rows, covered: minutes(300, 200) })
    await candles.saveCandles({ rows: [], covered: minutes(199, 30) })
    await candles.saveCandles({ rows: [], covered: minutes(25, 0) }) // nobody traded for five minutes
    expect(await gaps()).toMatchObject({ code: 1, stdout: expect.stringMatching(/ 5m\n.* 1m\n$/) })
    await using atRest = await serve({ state: 'idle', gaps: 0, liveSince: now - 300 * MINUTE_MS })
    const { code, stdout } = await gaps('--url', atRest.url) // the hourly audit has been at the old minute
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.not.stringMatching(/ 5m\n/) })
    await candles.saveCandles({ rows: [], covered: minutes(200, 199) })
    expect(await gaps('--url', atRest.url)).toEqual({ code: 0, stdout: 'no gaps\n', stderr: '' })
    expect(await gaps('--url', atRest.url, '--confirmed')).toMatchObject({ code: 1 })
    await world.fullon('exchange', 'add', 'binance', '--sandbox')
    const sandbox = new CandleRepository(ohlcv, BTC.exchange, BTC.symbol, BTC.timeframe, { sandbox: true })
    await sandbox.saveCandles({ rows, covered: minutes(300, 30) })
    expect(await gaps('--url', atRest.url)).toMatchObject({ code: 1 }) // that is another series
    await sandbox.saveCandles({ rows: [], covered: minutes(30, 0) })
    await using starting = await serve({ state: 'starting' })
    expect(await gaps('--url', starting.url)).toMatchObject({ code: 1 })
    await using filling = await serve({ state: 'filling', gaps: 1 })
    expect(await gaps('--url', filling.url)).toMatchObject({ code: 1 })
  })
})

it('fullon verify fails where there is nothing to compare', async () => {
  await world.fullon('symbol', 'add', 'binance', 'ETH/USDT', '--backtest', '0')
  const { code, stdout } = await world.fullon('verify', 'binance', 'ETH/USDT', '--since', '1h')
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'nothing verified: nothing is stored of then\n' })
})

import { type Cache, openCache, ProcessCache, ProcessReporter } from '@fullon/cache'
import { toProcesses } from '@fullon/daemon'
import { systemClock } from '@fullon/market'
import { newSeriesStatus } from '@fullon/ohlcv'
import { expect, it, vi } from 'vitest'
import { startCommand } from './run-command.js'
import { runInProcess } from './run-in-process.js'

const server = process.env.TEST_REDIS_URL

it.skipIf(!server)(
  'fullon status reads the health of every service in Redis (skipped without TEST_REDIS_URL)',
  async () => {
    const url = new URL('/14', server).href // a database of its own: the keys are those of a real deployment
    await using cache = await openCache({ url })
    await using _ = await emptied(cache)
    const reporter = new ProcessReporter(new ProcessCache(cache))
    const own = { exchange: 'binance', symbol: 'BTC/USDT:USDT' }
    const series = { ...newSeriesStatus({ ...own, timeframe: '1m' }, Date.now()), gaps: 3 }
    const trades = newSeriesStatus(own, Date.now())
    const status = (...args: string[]) => runInProcess(['status', ...args], { REDIS_URL: url })
    expect(await status()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^unhealthy, says Redis\nno service has reported/),
    })

    await reporter.report(
      toProcesses(
        [
          { ...series, state: 'idle' },
          { ...trades, state: 'idle' },
        ],
        Date.now(),
      ),
    )
    const healthy = await status('--json')
    expect(healthy.code).toBe(0)
    expect(JSON.parse(healthy.stdout)).toMatchObject({
      healthy: true,
      series: [
        { name: 'binance BTC/USDT:USDT candles', doing: 'idle', gaps: 3 },
        { name: 'binance BTC/USDT:USDT trades', doing: 'idle' },
        { name: 'ohlcv:daemon', doing: 'collecting' },
      ],
    })

    const failing = { ...series, state: 'cooling', error: 'too old', liveSince: Date.now() } as const
    await reporter.report(toProcesses([failing, trades], Date.now()))
    expect(await status()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^healthy[\s\S]*candles +too old/) })

    const late = { ...series, state: 'filling', freshAt: Date.now() - 3_600_000 } as const
    await reporter.report(toProcesses([late, trades], Date.now()))
    expect(await status()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/unhealthy[\s\S]*candles +filling .* 1h/),
    })
    const watching = startCommand(['status', '--watch', '--json'], { REDIS_URL: url })
    let seen = ''
    watching.child.stdout?.on('data', (text) => {
      seen += text
    })
    await vi.waitFor(() => expect(seen.split('\n').length).toBeGreaterThan(2), { timeout: 100_000 })
    watching.child.kill('SIGTERM')
    await watching.finished
    for (const line of seen.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ healthy: false })
    await reporter.report([])
  },
)

it.skipIf(!server)(
  'fullon status asks Redis who collects, and no other process of fullon; silence is unhealthy (skipped without TEST_REDIS_URL)',
  async () => {
    const url = new URL('/14', server).href
    await using cache = await openCache({ url })
    await using _ = await emptied(cache)
    let now = Date.now() - 3_600_000
    await using past = await openCache({ url, clock: { ...systemClock, now: () => now } })
    const processes = new ProcessCache(past)
    const status = () => runInProcess(['status'], { REDIS_URL: url })
    await processes.registerProcess({ type: 'bot', component: 'grid' })
    await processes.registerProcess({ type: 'ohlcv', component: 'ohlcv:daemon', status: 'running' })
    expect(await status()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^unhealthy[\s\S]*ohlcv:daemon +no sign of life for 1h/),
    })
    now = Date.now() // killed, and started again
    await processes.registerProcess({ type: 'ohlcv', component: 'ohlcv:daemon', status: 'running' })
    const { code, stdout } = await status()
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 3 })
    expect(stdout).not.toMatch(/grid|no sign of life/)
  },
)

/** Nothing that a run before this one left, and nothing left by this one. */
async function emptied(cache: Cache): Promise<AsyncDisposable> {
  const processes = new ProcessCache(cache)
  const stop = async () => {
    for (const { processId } of await processes.getActiveProcesses({ sinceMinutes: 1e6 })) {
      await processes.stopProcess(processId)
      await cache.driver.run([{ op: 'delete', key: cache.keys.processData(processId) }])
    }
  }
  await stop()
  return { [Symbol.asyncDispose]: stop }
}

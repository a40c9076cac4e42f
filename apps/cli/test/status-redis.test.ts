import { type Cache, openCache, ProcessCache, ProcessReporter } from '@fullon/cache'
import { toProcesses } from '@fullon/daemon'
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
    const series = { ...newSeriesStatus({ exchange: 'binance', symbol: 'BTC/USDT:USDT', timeframe: '1m' }), gaps: 3 }
    const trades = newSeriesStatus({ exchange: 'binance', symbol: 'BTC/USDT:USDT' })
    const status = (...args: string[]) => runInProcess(['status', ...args], { REDIS_URL: url })
    expect(await status()).toMatchObject({ code: 1, stdout: expect.stringContaining('unhealthy, says Redis') })

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

    const failing = { ...series, state: 'cooling', error: 'no route to host' } as const
    await reporter.report(toProcesses([failing, trades], Date.now()))
    expect(await status()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/unhealthy[\s\S]*candles +no route to host/),
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

import { openScratchDatabase } from '@fullon/embedded'
import { afterAll, describe, expect, it } from 'vitest'
import { makeDataDir, runCommand } from './run-command.js'

const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
const env = { DATABASE_URL: scratch.url }

afterAll(() => scratch.close())

describe('fullon symbol', () => {
  it('says how to add the first symbol', async () => {
    const { code, stderr } = await runCommand(['symbol', 'list'], env)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('fullon symbol add kraken BTC/USD') })
  })

  it('adds a symbol that the list then shows, and changes it when it is added again', async () => {
    const added = await runCommand(['symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '3'], env)
    expect(added).toEqual({ code: 0, stdout: 'kraken BTC/USD: 1m candles, 3 days back\n', stderr: '' })
    await runCommand(['symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '7'], env)
    const { stdout } = await runCommand(['symbol', 'list', '--json'], env)
    expect(JSON.parse(stdout)).toMatchObject([{ exchange: 'kraken', symbol: 'BTC/USD', backtest: 7, active: true }])
  })

  it('lists what is missing as gaps, with an exit code for scripts', async () => {
    const { code, stdout } = await runCommand(['gaps', '--json'], env)
    const [gap] = JSON.parse(stdout) as { symbol: string; minutes: number }[]
    expect(code).toBe(1)
    expect(gap).toMatchObject({ symbol: 'BTC/USD' })
    expect(gap!.minutes).toBeGreaterThan(6 * 1440)
  })

  it('refuses what it cannot collect, in one line that says what is expected', async () => {
    const refusals = await Promise.all([
      runCommand(['symbol', 'add', 'krakn', 'BTC/USD'], env),
      runCommand(['symbol', 'add', 'kraken', 'BTCUSD'], env),
      runCommand(['symbol', 'add', 'kraken', 'BTC/USD', '--timeframe', '2m'], env),
      runCommand(['symbol', 'add', 'kraken', 'BTC/USD', '--backtest', 'x'], env),
      runCommand(['symbl'], env),
    ])
    for (const { code, stderr } of refusals) {
      expect(code).not.toBe(0)
      expect(stderr).not.toMatch(/^ {4}at /m)
    }
    expect(refusals.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
      expect.stringMatching(/expected a ccxt id.*krakn/),
      expect.stringMatching(/BTCUSD/),
      expect.stringMatching(/2m/),
      expect.stringMatching(/expected a whole number of days/),
      expect.stringMatching(/unknown command 'symbl'/),
    ])
  })

  it('says what it tried when the database is not there', async () => {
    const { code, stderr } = await runCommand(['symbol', 'list'], {
      DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none',
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/127\.0\.0\.1:1/)
    expect(stderr).not.toMatch(/secret|^ {4}at /m)
  })

  it('works without any database configured, on the embedded one', async () => {
    using dataDir = makeDataDir()
    const own = { FULLON_DATA_DIR: dataDir.path }
    await runCommand(['symbol', 'add', 'kraken', 'ETH/USD'], own)
    const { stdout } = await runCommand(['symbol', 'list'], own)
    expect(stdout).toMatch(/kraken +ETH\/USD +1m +30 days +yes/)
  })
})

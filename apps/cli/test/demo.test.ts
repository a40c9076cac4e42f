import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Candle, floorToTimeframe, type Trade } from '@fullon/market'
import { createSeededMarket } from '@fullon/simulator'
import { describe, expect, it } from 'vitest'
import { makeDataDir, runCommand, startCommand } from './run-command.js'

const NO_DIFFERENCE = { missing: 0, wrong: 0, duplicate: 0 }

describe('fullon demo', () => {
  it('continues after kill -9 half-way, and every row is right', { timeout: 240_000 }, async () => {
    using dataDir = makeDataDir()
    const env = { FULLON_DATA_DIR: dataDir.path }
    const folder = join(dataDir.path, 'demo')
    mkdirSync(folder)
    for (const file of ['demo.1.log', 'demo.2.log']) writeFileSync(join(folder, file), 'x'.repeat(11e6)) // of runs before
    const killed = startCommand(['demo', '--seed', '5', '--json'], env)
    await untilStored(killed, /live/)
    killed.child.kill('SIGKILL')
    await killed.finished
    const { code, stdout, stderr } = await runCommand(['demo', '--seed', '5', '--json'], env)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ series: 4, ...NO_DIFFERENCE })
    expect(result.candles).toBeGreaterThan(5000)
    expect(result.trades).toBeGreaterThan(50_000)
    const logs = readdirSync(folder).filter((file) => file.endsWith('.log'))
    expect(logs.sort()).toEqual(['demo.2.log', 'demo.3.log'])
    expect(statSync(join(folder, 'demo.3.log')).size).toBeGreaterThan(0)
    expect(result.builtMinutes).toBeGreaterThan(300) // kraken's 720 candles do not reach a day back
  })

  it('collects a recording that reaches further back than the candles the exchange serves', {
    timeout: 240_000,
  }, async () => {
    using dataDir = makeDataDir()
    const since = Date.UTC(2024, 1, 1)
    const market = createSeededMarket({
      seed: 9,
      since,
      symbols: [{ symbol: 'XRP/ETH', price: 0.0015, priceDecimals: 8, amount: 300, tradesPerMinute: 4, quiet: 0.3 }],
    })
    const trades = market.trades('XRP/ETH', { since, until: since + 26 * 3_600_000 })
    const files = {
      recording: join(dataDir.path, 'XRP_ETH-trades.json'),
      candles: join(dataDir.path, 'XRP_ETH-1m.csv'),
    }
    writeFileSync(
      files.recording,
      JSON.stringify(
        trades.map(({ timestamp, id, side, price, amount }) => [
          timestamp,
          id,
          null,
          side,
          price,
          amount,
          price * amount,
        ]),
      ),
    )
    const candles = naiveCandles(trades)
    writeFileSync(
      files.candles,
      ['ts,open,high,low,close,volume', ...candles.map((row) => Object.values(row).join(','))].join('\n'),
    )
    const { code, stdout, stderr } = await runCommand(
      ['demo', '--replay', files.recording, '--expect', files.candles, '--json'],
      { FULLON_DATA_DIR: dataDir.path },
    )
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      series: 1,
      candles: candles.length,
      trades: trades.length,
      ...NO_DIFFERENCE,
      expected: { rows: candles.length, different: 0 },
    })
  })

  const recordings = process.env.MARKET_DATA_DIR
  it.skipIf(!recordings)(
    'collects two days of XRP/ETH as recorded (skipped without MARKET_DATA_DIR)',
    { timeout: 240_000 },
    async () => {
      using dataDir = makeDataDir()
      const file = (name: string) => join(recordings!, 'freqtrade', name)
      const args = ['demo', '--replay', file('XRP_ETH-trades.json.gz'), '--expect', file('XRP_ETH-1m.csv.gz'), '--json']
      const { code, stdout } = await runCommand(args, { FULLON_DATA_DIR: dataDir.path })
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        candles: 2469,
        trades: 12_477,
        ...NO_DIFFERENCE,
        expected: { rows: 2469, different: 0 },
      })
    },
  )

  it('says which port or folder is not to be had', async () => {
    using dataDir = makeDataDir()
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const onPort = await runCommand(['demo', '--port', String(port)], { FULLON_DATA_DIR: dataDir.path })
    taken.close()
    expect(onPort).toMatchObject({ code: 1, stderr: expect.stringContaining(`cannot listen on port ${port}`) })
    writeFileSync(join(dataDir.path, 'file'), '')
    const onFolder = await runCommand(['demo'], { FULLON_DATA_DIR: join(dataDir.path, 'file') })
    expect(onFolder).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot use the folder') })
    const onRecording = await runCommand(['demo', '--replay', join(dataDir.path, 'A_B-none.json')], {
      FULLON_DATA_DIR: dataDir.path,
    })
    expect(onRecording).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot read the recording') })
  })
})

async function untilStored({ child }: ReturnType<typeof startCommand>, sign: RegExp): Promise<void> {
  let text = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (data) => {
      text += data
      if (sign.test(text)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`ended by itself with ${code}: ${text}`)))
  })
}

/** On its own, so that the code under test is not its own judge. */
function naiveCandles(trades: readonly Trade[]): Candle[] {
  const minutes = new Map<number, Trade[]>()
  for (const trade of trades) {
    const minute = floorToTimeframe(trade.timestamp, '1m')
    minutes.set(minute, [...(minutes.get(minute) ?? []), trade])
  }
  return [...minutes].map(([timestamp, rows]) => ({
    timestamp,
    open: rows[0]!.price,
    high: Math.max(...rows.map(({ price }) => price)),
    low: Math.min(...rows.map(({ price }) => price)),
    close: rows.at(-1)!.price,
    volume: rows.reduce((sum, { amount }) => sum + amount, 0),
  }))
}

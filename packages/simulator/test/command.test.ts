import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterAll, describe, expect, test } from 'vitest'
import { parseCommandOptions } from '../src/command-options.js'
import { runCommand } from '../src/run-command.js'

const NOW = Date.parse('2026-01-01T00:00:30Z')
const folder = mkdtempSync(join(tmpdir(), 'simulator-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(...args: string[]) {
  const { simulator, faultPlan } = await runCommand(parseCommandOptions(args)!, { now: NOW })
  return { simulator, faultPlan, [Symbol.asyncDispose]: () => simulator.close() }
}

describe('the command', () => {
  test('serves all three exchanges with two days of history unless told otherwise', async () => {
    await using session = await run()
    const { simulator } = session
    expect(Object.keys(simulator.ccxtOptions)).toEqual(['kraken', 'binance', 'coinbaseexchange'])
    const old = { since: NOW - 47 * 3_600_000, until: NOW - 46 * 3_600_000 }
    expect(simulator.truth.trades('BTC/USD', old).length).toBeGreaterThan(100)
  })

  test('trades the symbols, exchanges and speed that are asked for', async () => {
    await using session = await run(
      '--protocol',
      'binance',
      '--symbols',
      'BTC/USDT,XRP/USDT',
      '--days',
      '1',
      '--speed',
      '100',
    )
    const { simulator } = session
    expect(Object.keys(simulator.ccxtOptions)).toEqual(['binance'])
    expect(simulator.truth.symbols).toEqual(['BTC/USDT', 'XRP/USDT'])
    expect((await fetch(`${simulator.url}/products`)).status).toBe(404)
  })

  test('replays minutes and trades from files, from their beginning on', async () => {
    const zip = zipSync({ '20180404_btcusd_minute_trade.csv': strToU8('60000,2,3,1,2,4\n120000,2,2,2,2,1\n') })
    await using minutes = await run(
      '--replay',
      file('minutes.zip', zip),
      '--symbols',
      'BTC/USD',
      '--start',
      '2018-04-05',
    )
    const day = Date.parse('2018-04-04T00:00:00Z')
    expect(minutes.simulator.truth.candles('BTC/USD', '1m', { since: day, until: day + 86_400_000 })).toHaveLength(2)
    const trades = JSON.stringify([[NOW, '1', null, 'buy', 2, 3, 6]])
    await using own = await run('--replay', file('trades.json', trades), '--symbols', 'XRP/ETH', '--speed', '60000')
    await expect
      .poll(() => own.simulator.truth.trades('XRP/ETH', { since: NOW - 60_000, until: NOW + 60_000 }))
      .toMatchObject([{ id: '1', price: 2, amount: 3 }])
  })

  test('takes faults from a file and from a seed', async () => {
    const plan = [{ kind: 'status', atMs: 0, forMs: 3_600_000, status: 503 }]
    await using session = await run('--faults', file('plan.json', JSON.stringify(plan)))
    expect(session.faultPlan).toEqual(plan)
    expect((await fetch(`${session.simulator.url}/time`)).status).toBe(503)
    await using seeded = await run('--fault-seed', '7')
    expect(seeded.faultPlan.length).toBeGreaterThan(100)
  })

  test.each([
    [['--protocol', 'mtgox'], '--protocol: expected some of kraken, binance, coinbaseexchange, got mtgox'],
    [['--speed', 'fast'], '--speed: expected a number'],
    [['--start', 'noon'], '--start: expected a time'],
    [['--replay', 'x.zip'], 'expected --symbols with the one symbol'],
    [['--fast'], "Unknown option '--fast'"],
  ])('%s is refused with what to change', (args, message) => {
    expect(() => parseCommandOptions(args)).toThrow(message)
  })

  test('names a file that it cannot read or understand', async () => {
    await expect(run('--faults', join(folder, 'none.json'))).rejects.toThrow('--faults: cannot read')
    await expect(run('--faults', file('cut.json', '[{'))).rejects.toThrow('--faults: expected JSON')
    await expect(run('--faults', file('bad.json', '[{}]'))).rejects.toThrow('expected kind to be one of')
  })
})

describe('as a process', () => {
  function start(...args: string[]): ChildProcess {
    const flags = ['--conditions=@fullon/source', '--import', 'tsx', 'src/main.ts', ...args]
    return spawn(process.execPath, flags, { cwd: join(import.meta.dirname, '..') })
  }

  test('prints options that lead to it, and ends without a trace when interrupted', async () => {
    const child = start('--protocol', 'kraken')
    let output = ''
    child.stdout!.on('data', (data) => {
      output += data
    })
    await expect.poll(() => output, { timeout: 20_000 }).toMatch(/\n}\n$/)
    const { kraken } = JSON.parse(output)
    const response = await fetch(`${kraken.urls.api.public}/0/public/Time`)
    expect(await response.json()).toMatchObject({ error: [] })
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('says what is wrong and fails', async () => {
    const child = start('--port', '99999')
    let errors = ''
    child.stderr!.on('data', (data) => {
      errors += data
    })
    expect(await once(child, 'close')).toEqual([2, null])
    expect(errors).toMatch(/--port: expected a number from 0 to 65535, got 99999/)
  })
})

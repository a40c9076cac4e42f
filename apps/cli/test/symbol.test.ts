import { ExchangeQueue } from '@fullon/exchange'
import { DatabaseContext } from '@fullon/orm'
import { afterAll, describe, expect, it } from 'vitest'
import { withExchange } from '../src/open-context.js'
import { openWorld } from './open-world.js'
import { makeDataDir, runCommand } from './run-command.js'
import { runInProcess } from './run-in-process.js'

const world = await openWorld({ exchange: 'kraken', symbols: ['BTC/USD', 'ETH/USD'], hours: 1 })
const { fullon, json, env } = world

afterAll(() => world[Symbol.asyncDispose]())

describe('fullon init', () => {
  it('adds the administrator once, and says what is next', async () => {
    const first = await fullon('init', '--mail', 'me@example.com')
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('next: fullon symbol add') })
    expect(await json('init', '--mail', 'me@example.com')).toMatchObject({ admin: 'me@example.com', symbols: 0 })
    expect(await json('user', 'list')).toEqual([{ uid: 1, mail: 'me@example.com', role: 'admin', active: true }])
  })

  it('does not add another administrator, whose exchanges would not be collected', async () => {
    const second = { code: 1, stdout: '', stderr: expect.stringMatching(/expected me@example.com, .*set ADMIN_MAIL/) }
    expect(await fullon('init', '--mail', 'you@example.com')).toEqual(second)
    const set = { ...env, ADMIN_MAIL: 'me@example.com' }
    expect(await runInProcess(['init', '--mail', 'you@example.com'], set)).toEqual(second)
    expect(await json('user', 'list')).toHaveLength(1)
  })
})

describe('fullon symbol', () => {
  it('says how to add the first symbol', async () => {
    const { code, stderr } = await fullon('symbol', 'list')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('fullon symbol add kraken BTC/USD') })
  })

  it('adds a symbol that the list then shows, and changes it when it is added again', async () => {
    const added = await fullon('symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '3')
    expect(added).toEqual({ code: 0, stdout: 'kraken BTC/USD: 1m candles, 3 days back\n', stderr: '' })
    await fullon('symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '7')
    const listed = await json('symbol', 'list')
    expect(listed).toMatchObject([{ exchange: 'kraken', symbol: 'BTC/USD', backtest: 7, active: true }])
  })

  it('leaves what was set before as it is when the symbol is added again', async () => {
    await fullon('symbol', 'set', 'kraken', 'BTC/USD', '--timeframe', '5m', '--active', 'no')
    const added = await fullon('symbol', 'add', 'kraken', 'BTC/USD')
    expect(added).toEqual({ code: 0, stdout: 'kraken BTC/USD: 5m candles, 7 days back\n', stderr: '' })
    await fullon('symbol', 'set', 'kraken', 'BTC/USD', '--timeframe', '1m')
  })

  it('says that nothing is collected while its exchange is disabled', async () => {
    await fullon('exchange', 'disable', 'kraken')
    const paused = {
      code: 0,
      stdout: 'kraken BTC/USD: 1m candles, 7 days back, not collected now\n',
      stderr: expect.stringContaining('fullon exchange enable kraken'),
    }
    expect(await fullon('symbol', 'add', 'kraken', 'BTC/USD')).toEqual(paused)
    expect(await fullon('symbol', 'set', 'kraken', 'BTC/USD', '--active', 'yes')).toEqual(paused)
    await fullon('exchange', 'enable', 'kraken')
  })

  it('asks the exchange whether there is such a symbol, unless it is told not to', async () => {
    const refused = await fullon('symbol', 'add', 'kraken', 'BTC/UDS')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/BTC\/UDS.*did you mean BTC\/USD\?/) })
    const away = { ...env, FULLON_CCXT_OPTIONS: '' }
    const added = await runInProcess(['symbol', 'add', 'kraken', 'SOL/USD', '--backtest', '0', '--offline'], away)
    expect(added).toMatchObject({ code: 0, stdout: 'kraken SOL/USD: 1m candles, 0 days back\n' })
  })

  it('finds what the exchange lists', async () => {
    const found = await json<{ symbol: string }[]>('symbol', 'search', 'kraken', 'eth')
    expect(found.map(({ symbol }) => symbol)).toEqual(['ETH/USD'])
    expect(await fullon('symbol', 'search', 'kraken', 'doge')).toMatchObject({ code: 1, stdout: '' })
  })

  it('changes only what is given, and stops collecting what is removed', async () => {
    const changed = await json('symbol', 'set', 'kraken', 'SOL/USD', '--timeframe', '5m', '--active', 'no')
    expect(changed).toMatchObject({ updateframe: '5m', backtest: 0, active: false })
    const mistyped = await fullon('symbol', 'set', 'kraken', 'SOL/UDS', '--backtest', '1')
    expect(mistyped).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean SOL/USD?') })
    expect(await fullon('symbol', 'set', 'kraken', 'SOL/USD')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--backtest/),
    })
    expect(await json('symbol', 'remove', 'kraken', 'SOL/USD')).toMatchObject({ symbol: 'SOL/USD' })
    expect(await json('symbol', 'list')).toMatchObject([{ symbol: 'BTC/USD' }])
  })

  it('refuses what it cannot collect, in one line that says what is expected', async () => {
    const refusals = await Promise.all([
      fullon('symbol', 'add', 'krakn', 'BTC/USD'),
      fullon('symbol', 'add', 'kraken', 'BTCUSD', '--offline'),
      fullon('symbol', 'add', 'kraken', 'BTC/USD', '--timeframe', '2m'),
      fullon('symbol', 'add', 'kraken', 'BTC/USD', '--backtest', 'x'),
    ])
    for (const { code, stderr } of refusals) {
      expect(code).not.toBe(0)
      expect(stderr).not.toMatch(/^ {4}at /m)
    }
    expect(refusals.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
      expect.stringMatching(/expected a ccxt id.*krakn.*did you mean kraken\?/),
      expect.stringMatching(/BTCUSD/),
      expect.stringMatching(/2m/),
      expect.stringMatching(/expected a whole number/),
    ])
  })

  it('works without any database configured, on the embedded one', { timeout: 240_000 }, async () => {
    using dataDir = makeDataDir()
    const own = { FULLON_DATA_DIR: dataDir.path }
    await runCommand(['symbol', 'add', 'kraken', 'ETH/USD', '--offline'], own)
    const { stdout } = await runCommand(['symbol', 'list'], own)
    expect(stdout).toMatch(/kraken +ETH\/USD +1m +30 days +yes/)
  })
})

describe('fullon exchange', () => {
  it('adds an exchange with its settings, stops collecting from it and starts again', async () => {
    const added = await json('exchange', 'add', 'binance', '--param', 'trades=on')
    expect(added).toEqual({ name: 'binance', sandbox: false, active: true, params: { trades: 'on' } })
    expect(await fullon('exchange', 'disable', 'binance')).toMatchObject({ stdout: 'binance: disabled\n' })
    const names = async () => {
      const rows = await json<{ name: string; active: boolean }[]>('exchange', 'list')
      return rows.map(({ name, active }) => `${name} ${active}`)
    }
    expect(await names()).toEqual(['kraken true', 'binance false'])
    await fullon('exchange', 'enable', 'binance')
    expect(await names()).toEqual(['kraken true', 'binance true'])
    await fullon('exchange', 'disable', 'binance')
    await fullon('exchange', 'add', 'binance', '--param', 'trades=off')
    expect(await names()).toEqual(['kraken true', 'binance true'])
    expect((await json<unknown[]>('exchange', 'list'))[1]).toMatchObject({ params: { trades: 'off' } })
    await fullon('exchange', 'remove', 'binance')
    expect(await names()).toEqual(['kraken true'])
  })

  it('knows what could be added, and what was meant', async () => {
    expect(await json('exchange', 'list', '--known')).toEqual(expect.arrayContaining(['kraken', 'binance']))
    const unknown = await fullon('exchange', 'add', 'binanc')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean binance?') })
    const other = await fullon('exchange', 'disable', 'krakn')
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean kraken?') })
  })
})

it.each([
  {
    param: 'trade=on',
    code: 2,
    stderr: /expected one of trades keep_candles keep_trades, got trade \(did you mean trades\?\)/,
  },
  { param: 'trades=maybe', code: 1, stderr: /expected on, auto or off, got "maybe"/ },
  { param: 'keep_trades=1w', code: 1, stderr: /expected days above 0, got "1w"/ },
])('fullon exchange add refuses the setting $param', async ({ param, code, stderr }) => {
  const before = await json('exchange', 'list')
  const refused = await fullon('exchange', 'add', 'kraken', '--param', param)
  expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) })
  expect(await json('exchange', 'list')).toEqual(before)
})

it('nothing but adding makes an administrator, such as one that was mistyped in ADMIN_MAIL', async () => {
  const mistyped = { ...env, ADMIN_MAIL: 'mee@example.com' }
  for (const [verb, ...names] of [['list'], ['disable', 'kraken'], ['remove', 'kraken']])
    expect(await runInProcess(['exchange', verb!, ...names], mistyped)).toMatchObject({ code: 1, stdout: '' })
  expect(await json('user', 'list')).toHaveLength(1)
})

it('a command that asks for long leaves most of an exchange’s limit to the service beside it', async () => {
  await using whole = new ExchangeQueue()
  const { weight } = (await whole.getHandler('kraken')).budget
  const taken = await withExchange({ exchange: 'kraken' }, async ({ budget }) => budget.weight)
  expect(taken).toBe(weight / 4)
  const refused = await fullon('backfill', 'kraken', 'BTC/USD', '--since', '1h', '--share', '2')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('above 0 and at most 1') })
})

it('says which symbol is not collected because a setting is wrong', async () => {
  const setTrades = async (value: string) => {
    await using db = await DatabaseContext.open({ url: env.DATABASE_URL! })
    await db.exchanges.installExchange('kraken', { params: { trades: value } })
  }
  await setTrades('maybe')
  const { code, stderr } = await fullon('gaps')
  expect(code).toBe(1)
  expect(stderr).toMatch(/BTC\/USD is not collected: parameter trades of kraken: expected on, auto or off, got "maybe"/)
  await setTrades('auto')
  expect(await fullon('gaps')).toMatchObject({ code: 1, stderr: '' })
})

it('fullon exchange add refuses a test environment that the exchange does not have', async () => {
  const refused = await fullon('exchange', 'add', 'kraken', '--sandbox')
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('has no sandbox') })
  expect(await json('exchange', 'add', 'binance', '--sandbox')).toMatchObject({ name: 'binance', sandbox: true })
})

describe('fullon user', () => {
  it('adds and removes users, but none whose exchanges are collected', async () => {
    expect(await fullon('user', 'add', 'you@example.com')).toMatchObject({ code: 0, stdout: 'added you@example.com\n' })
    expect(await fullon('user', 'add', 'you@example.com')).toMatchObject({ code: 1, stdout: '' })
    expect(await fullon('user', 'remove', 'you@example.com')).toMatchObject({ code: 0 })
    expect(await fullon('user', 'remove', 'me@example.com')).toMatchObject({ code: 1 })
    for (let count = 0; count < 12; count++) await fullon('user', 'add', `${count}@example.com`)
    expect(await json('user', 'list')).toHaveLength(13)
    expect(await fullon('user', 'remove', '11@example.com')).toMatchObject({ code: 0 })
    expect(await fullon('user', 'remove', '12@example.com')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean'),
    })
    expect(await fullon('user', 'list')).toMatchObject({ stdout: expect.stringMatching(/me@example.com +admin +yes/) })
  })
})

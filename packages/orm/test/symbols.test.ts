import { describe, expect } from 'vitest'
import { test } from './database.js'

describe('db.symbols', () => {
  test('derives what a symbol says by itself and stores what it is given', async ({ db }) => {
    const catExId = await db.exchanges.installExchange('binance')
    expect(await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })).toEqual({
      symbolId: 1,
      symbol: 'BTC/USD',
      catExId,
      updateframe: '1m',
      backtest: 0,
      decimals: 8,
      base: 'BTC',
      quote: 'USD',
      exBase: null,
      futures: false,
      onlyTicker: false,
      active: true,
    })
    const given = { updateframe: '1h', backtest: 30, decimals: 2, exBase: 'XBT', onlyTicker: true, active: false }
    expect(await db.symbols.addSymbol({ symbol: 'BTC/USDT:USDT', catExId, ...given })).toEqual({
      symbolId: 2,
      symbol: 'BTC/USDT:USDT',
      catExId,
      base: 'BTC',
      quote: 'USDT',
      futures: true,
      ...given,
    })
  })

  test('says what to collect for a user: active symbols of active accounts, each once', async ({ db }) => {
    const { uid } = await db.users.addUser({ mail: 'a@example.com' })
    const other = await db.users.addUser({ mail: 'b@example.com' })
    const kraken = await db.exchanges.installExchange('kraken', { params: { trades: 'on', keep_trades: '7' } })
    const bitmex = await db.exchanges.installExchange('bitmex')
    for (const catExId of [kraken, bitmex]) {
      await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
      await db.symbols.addSymbol({ symbol: 'ETH/USD', catExId, active: catExId === bitmex })
    }
    for (const name of ['one', 'two']) await db.exchanges.addUserExchange({ uid, catExId: kraken, name })
    await db.exchanges.addUserExchange({ uid, catExId: kraken, name: 'sandbox', test: true })
    const account = await db.exchanges.addUserExchange({ uid, catExId: bitmex, name: 'three' })
    await db.exchanges.addUserExchange({ uid: other.uid, catExId: bitmex, name: 'four' })
    await db.symbols.addSymbol({ symbol: 'ADA/USD', catExId: kraken, onlyTicker: true })
    const collected = async () =>
      (await db.symbols.getCollected(uid)).map(({ exchange, sandbox, symbol, trades, keepTradesMs, keepCandlesMs }) => [
        ...[exchange, sandbox, symbol, trades, keepTradesMs / 86_400_000, keepCandlesMs],
      ])
    const ofKraken = [
      ['kraken', false, 'BTC/USD', 'on', 7, undefined],
      ['kraken', true, 'BTC/USD', 'on', 7, undefined],
    ]
    const ofBitmex = ['BTC/USD', 'ETH/USD'].map((symbol) => ['bitmex', false, symbol, 'auto', 90, undefined])
    expect(await collected()).toEqual([...ofKraken, ...ofBitmex])
    await db.exchanges.deactivateExchange(account)
    expect(await collected()).toEqual(ofKraken)
  })

  test('one exchange that is set wrong is named and holds up no other', async ({ db }) => {
    const { uid } = await db.users.addUser({ mail: 'a@example.com' })
    const settings = {
      kraken: { trades: 'yes' },
      bitmex: { keep_trades: '0' },
      binance: { keep_candles: '30', keep_trades: '0.123456' },
    }
    for (const [name, params] of Object.entries(settings)) {
      const catExId = await db.exchanges.installExchange(name, { params })
      await db.exchanges.addUserExchange({ uid, catExId, name: 'account' })
      await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId, backtest: 2, updateframe: '1h' })
    }
    const errors: string[] = []
    const collected = await db.symbols.getCollected(uid, { onInvalid: (_, error) => errors.push(String(error)) })
    expect(collected).toEqual([
      {
        ...{ exchange: 'binance', sandbox: false, symbol: 'BTC/USD', timeframe: '1h', trades: 'auto' },
        ...{ backtestMs: 2 * 86_400_000, keepCandlesMs: 30 * 86_400_000, keepTradesMs: 10_666_598 },
      },
    ])
    expect(errors).toEqual([
      expect.stringMatching(/trades of kraken: expected on, auto or off, got "yes"/),
      expect.stringMatching(/keep_trades of bitmex: expected days above 0, got "0"/),
    ])
  })

  test('lists by exchange, by activity and up to a limit, in the order they were added', async ({ db }) => {
    const kraken = await db.exchanges.installExchange('kraken')
    const bitmex = await db.exchanges.installExchange('bitmex')
    for (const symbol of ['BTC/USD', 'ETH/USD', 'ADA/USD']) await db.symbols.addSymbol({ symbol, catExId: kraken })
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId: bitmex })
    await db.symbols.updateSymbol(2, { active: false })
    const names = (rows: readonly { symbol: string }[]) => rows.map(({ symbol }) => symbol)

    expect(names(await db.symbols.getByExchangeId(kraken))).toEqual(['BTC/USD', 'ETH/USD', 'ADA/USD'])
    expect(names(await db.symbols.getByExchangeId(kraken, { active: true }))).toEqual(['BTC/USD', 'ADA/USD'])
    expect(names(await db.symbols.getByExchangeId(kraken, { active: false }))).toEqual(['ETH/USD'])
    expect(names(await db.symbols.getAll())).toEqual(['BTC/USD', 'ETH/USD', 'ADA/USD', 'BTC/USD'])
    expect(names(await db.symbols.getAll({ active: true, limit: 2 }))).toEqual(['BTC/USD', 'ADA/USD'])
    expect(await db.symbols.getAll({ exchange: 'bitmex' })).toMatchObject([{ catExId: bitmex }])
    expect(await db.symbols.getAll({ exchange: 'nowhere' })).toEqual([])
    expect(await db.symbols.getAll({ limit: 0 })).toEqual([])
    expect(await db.symbols.getBySymbol('BTC/USD')).toMatchObject({ catExId: kraken })
    expect(await db.symbols.getBySymbol('BTC/USD', { catExId: bitmex })).toMatchObject({ catExId: bitmex })
    expect(await db.symbols.getBySymbol('XRP/USD')).toBeUndefined()
    expect(await db.symbols.getById(2)).toMatchObject({ symbol: 'ETH/USD' })
    expect(await db.symbols.getById(99)).toBeUndefined()
    expect(names(await db.symbols.searchSymbols('btc'))).toEqual(['BTC/USD', 'BTC/USD'])
    expect(names(await db.symbols.searchSymbols('usd', { exchange: 'kraken', active: true, limit: 1 }))).toEqual([
      'BTC/USD',
    ])
    expect(await db.symbols.searchSymbols('B_C')).toEqual([])
  })

  test('changes what it is told and nothing else', async ({ db }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const added = await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    const other = await db.symbols.addSymbol({ symbol: 'ETH/USD', catExId })
    const changed = await db.symbols.updateSymbol(added.symbolId, { backtest: 7, updateframe: '5m' })
    expect(changed).toEqual({ ...added, backtest: 7, updateframe: '5m' })
    expect(await db.symbols.updateSymbol(added.symbolId, {})).toEqual(changed)
    const foreign = { symbolId: 77, symbol: 'X/Y' } as object // cast: as an untyped caller does
    expect(await db.symbols.updateSymbol(added.symbolId, foreign)).toEqual(changed)
    expect(await db.symbols.getByExchangeId(catExId)).toEqual([changed, other])
  })

  test('removes one symbol', async ({ db }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const { symbolId } = await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await db.symbols.addSymbol({ symbol: 'ETH/USD', catExId })
    await db.symbols.removeSymbol(symbolId)
    expect(await db.symbols.getAll()).toMatchObject([{ symbol: 'ETH/USD' }])
    await expect(db.symbols.removeSymbol(symbolId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(db.symbols.updateSymbol(symbolId, { active: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'symbols.updateSymbol: expected an existing symbolId, got 1',
    })
  })

  test('does not remove a symbol that another table of fullon needs', async ({ db, sql }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const { symbolId } = await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    await sql`create table feeds (symbol_id int references symbols)`
    await sql`insert into feeds values (${symbolId})`
    await expect(db.symbols.removeSymbol(symbolId)).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('refuses what could not be collected', async ({ db }) => {
    const catExId = await db.exchanges.installExchange('kraken')
    const { symbolId } = await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    const add = (values: object) => db.symbols.addSymbol({ symbol: 'ETH/USD', catExId, ...values })
    const invalid = (message: string) => ({ name: 'OrmError', code: 'INVALID', message })
    await expect(add({ symbol: 'ETHUSD' })).rejects.toMatchObject(
      invalid('symbol: expected ccxt unified form such as BTC/USD or BTC/USDT:USDT, got "ETHUSD"'),
    )
    await expect(add({ updateframe: '7m' })).rejects.toMatchObject(
      invalid('updateframe: expected one of 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w, got "7m"'),
    )
    await expect(add({ backtest: 1.5 })).rejects.toMatchObject(
      invalid('backtest: expected a whole number of days, 0 or more, got 1.5'),
    )
    await expect(add({ decimals: -1 })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(add({ catExId: 99 })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(add({ backtest: 2 ** 40 })).rejects.toMatchObject({ code: 'INVALID', cause: { code: '22003' } })
    await expect(add({ symbol: 'BTC/USD' })).rejects.toMatchObject({ code: 'DUPLICATE' })
    await expect(db.symbols.updateSymbol(symbolId, { backtest: -1 })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(db.symbols.updateSymbol(symbolId, { updateframe: '' })).rejects.toMatchObject({ code: 'INVALID' })
  })
})

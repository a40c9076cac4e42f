import { describe, expect } from 'vitest'
import { test } from './database.js'

describe('db.exchanges', () => {
  test('leads from a user to the symbols of an account’s exchange', async ({ db }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon' })
    await db.exchanges.installExchange('binance')
    const catExId = await db.exchanges.installExchange('kraken')
    await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
    const exId = await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
    await db.exchanges.addUserExchange({ uid, catExId, name: 'sandbox', test: true, active: false })

    const exchanges = await db.exchanges.getUserExchanges(uid)
    expect(exchanges).toEqual([
      { exId, uid, catExId, name: 'kraken', accountName: 'ohlcv_account', test: false, active: true },
      { exId: exId + 1, uid, catExId, name: 'kraken', accountName: 'sandbox', test: true, active: false },
    ])
    expect(await db.symbols.getByExchangeId(exchanges[0]!.catExId)).toMatchObject([{ symbol: 'BTC/USD' }])
    expect(await db.exchanges.getUserExchanges(99)).toEqual([])
  })

  test('installs an exchange once, however often and by however many it is asked', async ({ db }) => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => db.exchanges.installExchange('kraken')))
    expect(new Set(ids)).toEqual(new Set([await db.exchanges.installExchange('kraken')]))
    expect(await db.exchanges.getCatExchanges()).toEqual([{ catExId: ids[0], name: 'kraken', ohlcvView: null }])
    await expect(db.exchanges.installExchange('Kraken Pro')).rejects.toMatchObject({
      code: 'INVALID',
      message: 'exchanges.installExchange: expected a ccxt id, got "Kraken Pro"',
    })
  })

  test('keeps, replaces and removes settings of one exchange', async ({ db }) => {
    const kraken = await db.exchanges.installExchange('kraken')
    const bitmex = await db.exchanges.installExchange('bitmex')
    await db.exchanges.setExchangeParam(kraken, 'trades', 'auto')
    await db.exchanges.setExchangeParam(kraken, 'trades', 'on')
    await db.exchanges.setExchangeParam(kraken, 'keep', '30')
    await db.exchanges.setExchangeParam(bitmex, 'trades', 'off')
    expect(await db.exchanges.getExchangeParams(kraken)).toEqual({ trades: 'on', keep: '30' })
    await db.exchanges.setExchangeParam(kraken, 'trades', undefined)
    expect(await db.exchanges.getExchangeParams(kraken)).toEqual({ keep: '30' })
    expect(await db.exchanges.getExchangeParams(bitmex)).toEqual({ trades: 'off' })
    expect(await db.exchanges.getExchangeParams(99)).toEqual({})
    await expect(db.exchanges.setExchangeParam(99, 'trades', 'on')).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('refuses an account twice, or of a user or exchange that does not exist', async ({ db }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon' })
    const catExId = await db.exchanges.installExchange('kraken')
    const account = { uid, catExId, name: 'ohlcv_account' }
    await db.exchanges.addUserExchange(account)
    await expect(db.exchanges.addUserExchange(account)).rejects.toMatchObject({ code: 'DUPLICATE' })
    await expect(db.exchanges.addUserExchange({ ...account, uid: 99 })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(db.exchanges.addUserExchange({ ...account, catExId: 99 })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('Key (cat_ex_id)=(99) is not present in table "cat_exchanges"'),
    })
  })

  test('installs an exchange with its settings, and sets them again when it is there already', async ({ db }) => {
    const params = { trades: 'on', keep: '30' }
    const catExId = await db.exchanges.installExchange('kraken', { ohlcvView: 'view', params })
    expect(await db.exchanges.installExchange('kraken', { params: { trades: 'off' } })).toBe(catExId)
    expect(await db.exchanges.getCatExchanges()).toEqual([{ catExId, name: 'kraken', ohlcvView: 'view' }])
    expect(await db.exchanges.getExchangeParams(catExId)).toEqual({ trades: 'off', keep: '30' })
    expect(await db.exchanges.getExchangeCatId('kraken')).toBe(catExId)
    expect(await db.exchanges.getExchangeCatId('bitmex')).toBeUndefined()
  })

  test('finds, deactivates, activates and removes one account', async ({ db }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon' })
    const catExId = await db.exchanges.installExchange('kraken')
    const exId = await db.exchanges.addUserExchange({ uid, catExId, name: 'one' })
    const other = await db.exchanges.addUserExchange({ uid, catExId, name: 'two' })
    expect(await db.exchanges.getExchangeId('one', uid)).toBe(exId)
    expect(await db.exchanges.getExchangeId('one', uid + 1)).toBeUndefined()
    await db.exchanges.deactivateExchange(exId)
    expect(await db.exchanges.getExchange(exId)).toMatchObject({ accountName: 'one', active: false })
    expect(await db.exchanges.getExchange(other)).toMatchObject({ accountName: 'two', active: true })
    await db.exchanges.activateExchange(exId)
    expect(await db.exchanges.getExchange(exId)).toMatchObject({ active: true })
    await db.exchanges.removeUserExchange(exId)
    expect(await db.exchanges.getExchange(exId)).toBeUndefined()
    expect(await db.exchanges.getUserExchanges(uid)).toMatchObject([{ exId: other }])
    const missing = { code: 'NOT_FOUND', message: expect.stringContaining(`expected an existing exId, got ${exId}`) }
    await expect(db.exchanges.removeUserExchange(exId)).rejects.toMatchObject(missing)
    await expect(db.exchanges.activateExchange(exId)).rejects.toMatchObject(missing)
    await expect(db.exchanges.deactivateExchange(exId)).rejects.toMatchObject(missing)
  })
})

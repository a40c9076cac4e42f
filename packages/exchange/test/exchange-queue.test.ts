import { describe, expect, it } from 'vitest'
import { ExchangeQueue } from '../src/index.js'
import { openAnsweringExchange } from './answering-exchange.js'
import { createHandClock } from './hand-clock.js'
import { openScriptedExchange, toMarket, until } from './scripted-exchange.js'

const AT = Date.UTC(2026, 0, 5)
const ROW = [AT / 1000 - 600, '2', '3', '1', '2', '0', '1', 1]

function openKraken() {
  return openAnsweringExchange('kraken', {
    markets: [toMarket('BTC/USD', 'XXBTZUSD')],
    clock: createHandClock(AT, { runs: true }),
    answer: () => ({ body: { error: [], result: { XXBTZUSD: [ROW], last: 0 } } }),
  })
}

describe('an exchange that is closed', () => {
  it('has no sockets left and ends its streams', async () => {
    await using okx = await openScriptedExchange('okx', {
      markets: { 'BTC/USDT': 'BTC-USDT' },
      onRequest: ({ op, args }, session) => {
        for (const arg of args as unknown[]) session.send({ event: op, arg, connId: 'a4d3ae55' })
      },
    })
    const stream = okx.handler.watchTrades('BTC/USDT')
    await stream.next()
    const ended = expect(stream.next()).rejects.toMatchObject({ code: 'CLOSED' })
    await okx.queue.closeHandler('okx')
    await ended
    await until(() => okx.sessions.every(({ socket }) => socket.readyState === socket.CLOSED), 'the sockets to close')
    expect(okx.queue.reports()).toEqual([])
  })

  it('is opened anew when it is asked for again', async () => {
    await using kraken = await openKraken()
    await kraken.queue.closeHandler('kraken')
    await expect(kraken.handler.getOhlcv('BTC/USD', '1m')).rejects.toMatchObject({ code: 'CLOSED' })
    const handler = await kraken.queue.getHandler('kraken')
    expect(handler).not.toBe(kraken.handler)
    expect(await handler.getOhlcv('BTC/USD', '1m')).toMatchObject({ rows: [{ close: 2 }] })
  })

  it('leaves other accounts and exchanges open', async () => {
    await using kraken = await openKraken()
    const other = await kraken.queue.getHandler('kraken', 'another')
    await kraken.queue.closeHandler('kraken', 'another')
    await expect(other.getOhlcv('BTC/USD', '1m')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(kraken.handler.getOhlcv('BTC/USD', '1m')).resolves.toBeDefined()
  })

  it('may never have been open, or not be one', async () => {
    await using queue = new ExchangeQueue()
    await queue.closeHandler('kraken')
    queue.getHandler('krakn').catch(() => {})
    await queue.closeHandler('krakn')
    expect(queue.reports()).toEqual([])
  })

  it('is not forgotten when one that was closed before it fails to open', async () => {
    let isFirst = true
    const failsOnce = {
      get timeout() {
        if (!isFirst) return 1_000
        isFirst = false
        throw new Error('no such option')
      },
    }
    await using queue = new ExchangeQueue({ ccxtOptions: { kraken: failsOnce } })
    const failing = queue.getHandler('kraken')
    const closing = queue.closeHandler('kraken')
    const standing = queue.getHandler('kraken')
    await expect(failing).rejects.toThrow('no such option')
    await closing
    expect(await queue.getHandler('kraken')).toBe(await standing)
  })

  it('is closed even while it opens', async () => {
    await using queue = new ExchangeQueue()
    const opening = queue.getHandler('kraken')
    await queue.closeHandler('kraken')
    await expect((await opening).getOhlcv('BTC/USD', '1m')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(queue.reports()).toEqual([])
  })
})

it('reports what each exchange counts', async () => {
  await using kraken = await openKraken()
  expect(kraken.queue.reports()).toEqual([{ exchange: 'kraken', counts: expect.objectContaining({ requests: 0 }) }])
  await kraken.handler.getOhlcv('BTC/USD', '1m')
  const [report] = kraken.queue.reports()
  expect(report?.counts).toMatchObject({ requests: kraken.asked.length, waiting: 0, sockets: 0, rowsRefused: 0 })
  expect(Object.values(report!.counts).every(Number.isFinite)).toBe(true)
})

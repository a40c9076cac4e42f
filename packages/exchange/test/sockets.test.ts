import { describe, expect, it } from 'vitest'
import { Connection } from '../src/connection.js'
import { ExchangeError } from '../src/index.js'
import { type CcxtClient, loadExchangeClass } from '../src/load-ccxt.js'
import { Sockets } from '../src/sockets.js'
import { Stream } from '../src/stream.js'
import { streamQuirksOf } from '../src/stream-quirks.js'
import { createEventClock } from './event-clock.js'
import { freeze, openScriptedExchange, type Session, until } from './scripted-exchange.js'
import { accept, inside, openOkx, takeUntil, tradeFrame } from './scripted-okx.js'

describe('a socket that ends', () => {
  it('ends its own streams and leaves those of other sockets alone', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    const { session } = okx
    const tick = okx.handler.watchTicker('BTC/USDT').next()
    tick.catch(() => {})
    await until(() => okx.sessions[1]?.requests.length === 1, 'the other socket')
    okx.session.socket.terminate()
    await expect(tick).rejects.toMatchObject({ code: 'STREAM_BROKEN' })
    okx.clock.moveTo(50_000)
    for (let second = 0; second < 20; second++) session.send(tradeFrame('BTC-USDT', second))
    const { value } = await trades.next()
    expect(value).toHaveLength(1)
  })

  it('is noticed while nobody awaits its stream', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    okx.session.socket.terminate()
    await until(() => okx.handler.streamCounts.breaks === 1, 'the break')
    await expect(trades.next()).rejects.toMatchObject({ code: 'STREAM_BROKEN' })
  })

  it('is noticed when its packets merely vanish', async () => {
    await using okx = await openOkx({ ccxtOptions: { streaming: { keepAlive: 200 } } })
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    freeze(okx.session)
    await expect(trades.next()).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('is dialled again once, however many streams it carried', async () => {
    await using okx = await openOkx()
    const follow = () => ['BTC/USDT', 'ETH/USDT'].map((symbol) => okx.handler.watchTrades(symbol))
    const before = follow()
    await Promise.all(before.map((stream) => stream.next()))
    okx.session.socket.terminate()
    await Promise.all(before.map((stream) => expect(stream.next()).rejects.toThrow()))
    await Promise.all(follow().map((stream) => stream.next()))
    expect(okx.sessions).toHaveLength(2)
    expect(okx.handler.streamCounts).toMatchObject({ breaks: 1, reconnects: 1, sockets: 1 })
  })
})

describe('a socket that closes as soon as it is open', () => {
  it.each(['kraken', 'okx'])('ends the stream of %s with an error that says to try again', async (id) => {
    const onConnected = ({ connection }: { connection: { close(): void } }) => connection.close()
    const markets = { 'BTC/USDT': id === 'okx' ? 'BTC-USDT' : 'BTC/USDT' }
    await using exchange = await openScriptedExchange(id, { markets, ccxtOptions: { onConnected } })
    const ending = await exchange.handler
      .watchTrades('BTC/USDT')
      .next()
      .catch((error) => error)
    expect(ending).toBeInstanceOf(ExchangeError)
    expect(ending).toMatchObject({ transient: true })
  })
})

describe('a half-open socket', () => {
  // ccxt's own settings take six minutes here.
  it('of binance is noticed within seconds as it is set up', { timeout: 40_000 }, async () => {
    await using binance = await openScriptedExchange('binance', {
      markets: { 'BTC/USDT': 'BTCUSDT' },
      onRequest: ({ id }, session) => session.send({ result: null, id }),
    })
    const trades = binance.handler.watchTrades('BTC/USDT')
    await trades.next()
    freeze(binance.session)
    await expect(trades.next()).rejects.toMatchObject({ code: 'TIMEOUT', transient: true })
    expect(binance.handler.streamCounts).toMatchObject({ sockets: 0, breaks: 1 })
  })
})

describe('a flooded socket', () => {
  it('is not taken for half-open while records arrive, though the answers to its pings wait behind them', async () => {
    await using binance = await openScriptedExchange('binance', {
      markets: { 'BTC/USDT': 'BTCUSDT' },
      answersPings: false,
      ccxtOptions: { streaming: { keepAlive: 300 } },
      onRequest: ({ id }, session) => session.send({ result: null, id }),
    })
    const trades = binance.handler.watchTrades('BTC/USDT')
    await trades.next()
    const broken = trades.next().catch((error) => error)
    const feed = setInterval(
      () => binance.session.send({ e: 'aggTrade', s: 'BTCUSDT', a: 1, p: '1', q: '1', T: 1 }),
      50,
    )
    await until(() => binance.handler.streamCounts.records > 30, 'a second and a half of trades')
    expect(binance.handler.streamCounts.breaks).toBe(0)
    clearInterval(feed)
    await expect(broken).resolves.toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('a subscription that nobody answers', () => {
  it('ends after a bounded wait, though the socket lives', async () => {
    await using okx = await openOkx({ onRequest: () => {} })
    const ccxt = new (await loadExchangeClass('okx'))({ ...okx.ccxtOptions, enableRateLimit: false })
    await ccxt.loadHttpProxyAgent?.()
    const { clock } = okx
    const sockets = new Sockets({ ccxt, quirks: streamQuirksOf('okx'), clock, random: () => 0, onBadFrame: () => {} })
    const watch = () => ccxt.watchTrades('BTC/USDT')
    const stream = new Stream({ subject: 'okx BTC/USDT', clock, sockets, signals: [], watch, firstSignMs: 300 })
    await expect(stream.next()).rejects.toMatchObject({ code: 'STREAM_SILENT', transient: true })
    expect(okx.session.requests).toHaveLength(1)
    expect(okx.session.socket.readyState).toBe(okx.session.socket.OPEN)
    stream.close()
    await until(() => okx.session.socket.readyState === okx.session.socket.CLOSED, 'the close')
    await sockets.close()
  })
})

describe('a socket that brings nothing', () => {
  it('has stalled, heartbeats or not', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    const next = trades.next()
    okx.clock.moveTo(119_000)
    okx.session.send('pong', { event: 'subscribe', arg: { channel: 'trades-all', instId: 'BTC-USDT' } })
    okx.clock.moveTo(121_000)
    await expect(next).rejects.toMatchObject({ code: 'STREAM_STALLED' })
  })

  it('has stalled, though the clock is set back by an hour', async () => {
    const clock = createEventClock()
    const client = { url: 'wss://exchange' } as CcxtClient // cast: nothing else of it is asked for here
    const stalls: ExchangeError[] = []
    const onStall = (error: ExchangeError) => stalls.push(error)
    new Connection({ client, clock, quirks: streamQuirksOf('okx'), onStall, send: () => {} })
    await clock.runUntil(60_000)
    clock.setBack(3_600_000)
    await clock.runUntil(clock.now() + 240_000)
    await until(() => stalls.length > 0, 'the stall')
    expect(stalls[0]).toMatchObject({ code: 'STREAM_STALLED' })
  })

  it('has not while any of its streams gets records', async () => {
    await using okx = await openOkx()
    const streams = ['BTC/USDT', 'ETH/USDT'].map((symbol) => okx.handler.watchTrades(symbol))
    await Promise.all(streams.map((stream) => stream.next()))
    for (let second = 60; second <= 300; second += 60) {
      const { records } = okx.handler.streamCounts
      okx.clock.moveTo(second * 1000)
      okx.session.send(tradeFrame('ETH-USDT', second))
      await until(() => okx.handler.streamCounts.records > records, 'the trade')
    }
    expect(okx.handler.streamCounts.breaks).toBe(0)
  })
})

describe('a socket whose only subscription is refused', () => {
  it('is closed, and that is no break', async () => {
    const refuse = ({ args }: Record<string, unknown>, session: Session) => {
      const { channel, instId } = (args as { channel: string; instId: string }[])[0]!
      session.send({
        event: 'error',
        code: '60018',
        msg: `Wrong URL or channel:${channel},instId:${instId} doesn't exist.`,
      })
    }
    await using okx = await openOkx({ onRequest: refuse })
    await expect(okx.handler.watchTrades('BTC/USDT').next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED' })
    await until(() => okx.session.socket.readyState === okx.session.socket.CLOSED, 'the close')
    expect(okx.handler.streamCounts).toMatchObject({ sockets: 0, breaks: 0 })
  })

  it('stays while another one stands', async () => {
    const answer = (request: Record<string, unknown>, session: Session) => {
      const { channel, instId } = (request.args as { channel: string; instId: string }[])[0]!
      if (instId === 'ETH-USDT') accept(request, session)
      else session.send({ event: 'error', code: '60018', msg: `Wrong URL or channel:${channel},instId:${instId}` })
    }
    await using okx = await openOkx({ onRequest: answer })
    await okx.handler.watchTrades('ETH/USDT').next()
    await expect(okx.handler.watchTrades('BTC/USDT').next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED' })
    expect(okx.handler.streamCounts).toMatchObject({ sockets: 1, breaks: 0 })
  })
})

describe('a frame', () => {
  it('with a bad row costs that row, which is counted, and no coverage is claimed across it', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    okx.clock.moveTo(50_000)
    for (let second = 0; second <= 40; second++) {
      okx.session.send(tradeFrame('BTC-USDT', second, second === 20 ? { px: 'NaN' } : {}))
    }
    const pages = await takeUntil(trades, 35)
    expect(okx.handler.streamCounts.rowsRefused).toBe(1)
    expect(pages.flatMap(({ rows }) => rows)).not.toHaveLength(0)
    for (const { covered } of pages) expect(inside(covered!, 20_000)).toBe(false)
  })

  it('that ccxt chokes on ends no stream, and no coverage is claimed across it', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    okx.clock.moveTo(50_000)
    for (let second = 0; second <= 40; second++) {
      okx.session.send(tradeFrame('BTC-USDT', second))
      if (second === 20) okx.session.send({ arg: { channel: 'tickers', instId: 'BTC-USDT' }, data: null })
      if (second === 20) okx.session.send({ arg: { channel: 'trades-all', instId: 'BTC-USDT' }, data: [null] })
    }
    const pages = await takeUntil(trades, 35)
    expect(okx.handler.streamCounts.rowsRefused).toBeGreaterThan(0)
    for (const { covered } of pages) expect(inside(covered!, 20_000)).toBe(false)
  })
})

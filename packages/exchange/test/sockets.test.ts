import type { Page, Trade } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { ExchangeError } from '../src/index.js'
import { loadExchangeClass } from '../src/load-ccxt.js'
import { Sockets } from '../src/sockets.js'
import { Stream } from '../src/stream.js'
import { streamQuirksOf } from '../src/stream-quirks.js'
import { createHandClock, type HandClock } from './hand-clock.js'
import { freeze, openScriptedExchange, type Session, until } from './scripted-exchange.js'

const SYMBOLS = { 'BTC/USDT': 'BTC-USDT', 'ETH/USDT': 'ETH-USDT' }

describe('a socket that ends', () => {
  it('ends its own streams and leaves those of other sockets alone', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    const candles = okx.handler.watchOhlcv('BTC/USDT', '1m')
    await Promise.all([trades.next(), candles.next()])
    expect(okx.sessions).toHaveLength(2)
    okx.sessions.find(({ requests }) => channelOf(requests[0]!) === 'candle1m')!.socket.terminate()
    await expect(candles.next()).rejects.toMatchObject({ code: 'STREAM_BROKEN' })
    const [session] = okx.sessions.filter(({ requests }) => channelOf(requests[0]!) === 'trades')
    okx.clock.moveTo(50_000)
    for (let second = 0; second < 20; second++) session!.send(tradeFrame('BTC-USDT', second))
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
    okx.session.send('pong', { event: 'subscribe', arg: { channel: 'trades', instId: 'BTC-USDT' } })
    okx.clock.moveTo(121_000)
    await expect(next).rejects.toMatchObject({ code: 'STREAM_STALLED' })
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
      if (second === 20) okx.session.send({ arg: { channel: 'trades', instId: 'BTC-USDT' }, data: [null] })
    }
    const pages = await takeUntil(trades, 35)
    expect(okx.handler.streamCounts.rowsRefused).toBeGreaterThan(0)
    for (const { covered } of pages) expect(inside(covered!, 20_000)).toBe(false)
  })
})

describe('a subscription', () => {
  it('is shared by two consumers of one series, and stays when one of them leaves', async () => {
    await using okx = await openOkx()
    const [one, two] = [okx.handler.watchTrades('BTC/USDT'), okx.handler.watchTrades('BTC/USDT')]
    await Promise.all([one.next(), two.next()])
    expect(okx.session.requests).toHaveLength(1)
    await one.return(undefined)
    okx.clock.moveTo(50_000)
    for (let second = 0; second <= 40; second++) okx.session.send(tradeFrame('BTC-USDT', second))
    expect((await takeUntil(two, 35)).length).toBeGreaterThan(0)
    expect(okx.session.requests).toHaveLength(1)
  })

  it('waits for its turn with many others, and no warning of a leak comes of it', async () => {
    const warnings: unknown[] = []
    const onWarning = (warning: unknown) => warnings.push(warning)
    process.on('warning', onWarning)
    const names = Array.from({ length: 15 }, (_, index) => `S${index}`)
    const markets = Object.fromEntries(names.map((name) => [`${name}/USDT`, `${name}-USDT`]))
    await using okx = await openOkx({ markets })
    const streams = names.map((name) => okx.handler.watchTrades(`${name}/USDT`))
    await Promise.all(streams.map((stream) => stream.next()))
    process.off('warning', onWarning)
    expect(okx.sessions).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  it('that is left is cancelled, and one that follows takes nothing from before its answer', async () => {
    let answers = true
    await using okx = await openOkx({ onRequest: (request, session) => answers && accept(request, session) })
    const other = okx.handler.watchTrades('ETH/USDT')
    const first = okx.handler.watchTrades('BTC/USDT')
    await Promise.all([other.next(), first.next()])
    await first.return(undefined)
    answers = false
    const second = okx.handler.watchTrades('BTC/USDT')
    const next = second.next()
    await until(() => okx.session.requests.length === 4, 'the second subscription')
    expect(okx.session.requests.map(({ op }) => op)).toEqual(['subscribe', 'subscribe', 'unsubscribe', 'subscribe'])
    okx.session.send(tradeFrame('BTC-USDT', 5)) // sent before the cancellation arrived
    okx.session.send({ event: 'subscribe', arg: { channel: 'trades', instId: 'BTC-USDT' } })
    await next
    okx.clock.moveTo(55_000)
    for (let time = 30; time <= 50; time++) okx.session.send(tradeFrame('BTC-USDT', time))
    const [page] = await takeUntil(second, 40)
    expect(page!.covered!.since).toBe(35_000)
  })

  it('that was the last on its socket takes the socket with it', async () => {
    await using okx = await openOkx()
    const trades = okx.handler.watchTrades('BTC/USDT')
    await trades.next()
    await trades.return(undefined)
    await until(() => okx.session.socket.readyState === okx.session.socket.CLOSED, 'the close')
    expect(okx.handler.streamCounts).toMatchObject({ sockets: 0, streams: 0, breaks: 0 })
  })
})

type Options = Partial<Parameters<typeof openScriptedExchange>[1]> & { readonly clock?: HandClock }

async function openOkx({ clock = createHandClock(0, { runs: true }), ...options }: Options = {}) {
  const exchange = await openScriptedExchange('okx', { markets: SYMBOLS, clock, onRequest: accept, ...options })
  return Object.assign(exchange, { clock })
}

function accept(request: Record<string, unknown>, session: Session): void {
  if (request.op === 'subscribe') session.send({ event: 'subscribe', arg: (request.args as unknown[])[0] })
}

function channelOf(request: Record<string, unknown>): unknown {
  return (request.args as { channel: string }[])[0]!.channel
}

function tradeFrame(instId: string, second: number, fields: object = {}): object {
  const trade = {
    instId,
    tradeId: String(second + 1),
    px: '1',
    sz: '1',
    side: 'buy',
    ts: String(second * 1000),
    ...fields,
  }
  return { arg: { channel: 'trades', instId }, data: [trade] }
}

async function takeUntil(stream: AsyncGenerator<Page<Trade>[]>, second: number): Promise<Page<Trade>[]> {
  const pages: Page<Trade>[] = []
  for await (const batch of { [Symbol.asyncIterator]: () => ({ next: () => stream.next() }) }) {
    pages.push(...batch)
    if ((pages.at(-1)?.covered?.until ?? 0) >= second * 1000) break
  }
  return pages
}

function inside({ since, until: end }: { since: number; until: number }, time: number): boolean {
  return since <= time && time < end
}

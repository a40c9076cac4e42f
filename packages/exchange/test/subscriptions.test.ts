import { describe, expect, it } from 'vitest'
import { loadExchangeClass } from '../src/load-ccxt.js'
import { Sockets } from '../src/sockets.js'
import { Stream } from '../src/stream.js'
import { streamQuirksOf } from '../src/stream-quirks.js'
import { createHandClock } from './hand-clock.js'
import { until } from './scripted-exchange.js'
import { accept, openOkx, takeUntil, tradeFrame } from './scripted-okx.js'

describe('a subscription', () => {
  it('is to every single trade where another channel adds them up, and logs nobody in', async () => {
    const keys = { apiKey: 'key', secret: 'secret', password: 'password' }
    for (const ccxtOptions of [{}, keys]) {
      await using okx = await openOkx({ ccxtOptions })
      await okx.handler.watchTrades('BTC/USDT').next()
      expect(okx.session.requests).toEqual([{ op: 'subscribe', args: [{ channel: 'trades-all', instId: 'BTC-USDT' }] }])
    }
  })

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
    okx.session.send({ event: 'subscribe', arg: { channel: 'trades-all', instId: 'BTC-USDT' } })
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

describe('a subscription that follows one that was left', () => {
  it('takes nothing of the other one while it waits for its turn', async () => {
    await using okx = await openTwoTrades()
    await okx.leave()
    const second = okx.handler.watchTrades('BTC/USDT')
    const next = second.next()
    await until(() => okx.handler.streamCounts.streams === 2, 'the second stream')
    okx.session.send(tradeFrame('BTC-USDT', 5), tradeFrame('ETH-USDT', 5))
    await until(() => okx.handler.streamCounts.records > 0, 'the trades')
    await okx.moveUntil(() => okx.session.requests.length === 4)
    await next
    expect(okx.session.requests.map(({ op }) => op)).toEqual(['subscribe', 'subscribe', 'unsubscribe', 'subscribe'])
    for (let time = 30; time <= 50; time++) okx.session.send(tradeFrame('BTC-USDT', time))
    okx.clock.moveTo(55_000)
    const [page] = await takeUntil(second, 40)
    expect(page!.covered!.since).toBe(35_000)
  })

  it('is not cancelled with it, though it waited before the other one was left', async () => {
    await using okx = await openTwoTrades()
    await okx.handler.watchOhlcv('ETH/USDT', '1m').next() // the next one waits behind it
    const next = okx.handler.watchTrades('BTC/USDT').next()
    await until(() => okx.handler.streamCounts.streams === 4, 'the second stream')
    await okx.leave()
    await okx.moveUntil(() => okx.session.requests.length === 5)
    await next
    expect(okx.session.requests.slice(3).map(({ op }) => op)).toEqual(['unsubscribe', 'subscribe'])
  })

  it('takes nothing from before its answer, whichever of its consumers reads', async () => {
    let answers = true
    await using okx = await openTwoTrades((...request) => answers && accept(...request))
    await okx.leave()
    answers = false
    const [second, third] = [okx.handler.watchTrades('BTC/USDT'), okx.handler.watchTrades('BTC/USDT')]
    const firsts = [second.next(), third.next()]
    await until(() => okx.handler.streamCounts.streams === 3, 'the two streams')
    await okx.moveUntil(() => okx.session.requests.length === 4)
    for (let times = 0; times < 10; times++) await okx.move() // the third one's turn
    okx.session.send(tradeFrame('BTC-USDT', 5))
    okx.session.send({ event: 'subscribe', arg: { channel: 'trades-all', instId: 'BTC-USDT' } })
    await Promise.all(firsts)
    for (let time = 30; time <= 50; time++) okx.session.send(tradeFrame('BTC-USDT', time))
    okx.clock.moveTo(55_000)
    const [page] = await takeUntil(third, 40)
    expect(page!.covered!.since).toBe(35_000)
  })
})

describe('a stream that stands', () => {
  it('is not taken for silent when it asks on another socket as well', async () => {
    const sockets = { watch: () => new Promise(() => {}), release: () => {} } as unknown as Sockets // cast: all it asks for
    const clock = createHandClock(0)
    const watch = () => Promise.resolve()
    const [stands, waits] = [1, 2].map((firstSignMs) => {
      const stream = new Stream({ subject: 'okx', clock, sockets, signals: [], watch, firstSignMs: firstSignMs * 20 })
      stream.board({ awaitsAnswer: false })
      return stream
    })
    stands!.stand()
    stands!.board({ awaitsAnswer: false })
    await expect(waits!.next()).rejects.toMatchObject({ code: 'STREAM_SILENT' }) // later than the other one would be
    expect(stands!.closed).toBe(false)
    stands!.close()
    waits!.close()
  })
})

describe('hundreds of subscriptions', () => {
  it('wait for their turns as long as it takes: only what was sent can be left without an answer', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `S${index}`)
    const markets = Object.fromEntries(names.map((name) => [`${name}/USDT`, `${name}-USDT`]))
    const clock = createHandClock(0)
    let answers = false
    await using okx = await openOkx({ markets, clock, onRequest: (...request) => answers && accept(...request) })
    const ccxt = new (await loadExchangeClass('okx'))({ ...okx.ccxtOptions, enableRateLimit: false })
    await ccxt.loadHttpProxyAgent?.()
    const sockets = new Sockets({ ccxt, quirks: streamQuirksOf('okx'), clock, random: () => 0, onBadFrame: () => {} })
    const streams = names.map((name, index) => {
      const watch = () => ccxt.watchTrades(`${name}/USDT`)
      return new Stream({ subject: name, clock, sockets, signals: [], watch, firstSignMs: index === 0 ? 2_000 : 1_500 })
    })
    const [first, ...others] = streams
    await expect(first!.next()).rejects.toMatchObject({ code: 'STREAM_SILENT' })
    answers = true
    while (!others.every((stream) => stream.stands || stream.closed)) {
      clock.moveTo(clock.now() + 100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(others.map((stream) => stream.next()))
    for (const stream of streams) stream.close()
    await sockets.close()
  })
})

/** Follows trades of BTC and ETH on one socket, by a clock that stands: nobody's turn comes before it is moved. */
async function openTwoTrades(onRequest = accept) {
  const clock = createHandClock(0)
  const okx = await openOkx({ clock, onRequest })
  const move = async () => {
    clock.moveTo(clock.now() + 100)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const moveUntil = async (isDone: () => boolean) => {
    while (!isDone()) await move()
  }
  const first = okx.handler.watchTrades('BTC/USDT')
  const both = Promise.all([okx.handler.watchTrades('ETH/USDT').next(), first.next()])
  await moveUntil(() => okx.sessions[0]?.requests.length === 2)
  await both
  await move() // the next request goes out at once
  return Object.assign(okx, { move, moveUntil, leave: () => first.return(undefined) })
}

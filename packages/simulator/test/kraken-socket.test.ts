import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, createSimulatedClock, type Market, type Simulator, startSimulator } from '../src/index.js'
import { createHandClock, type HandClock } from './hand-clock.js'
import { WireClient } from './wire-client.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const NOW = SINCE + 60 * MINUTE_MS + 30_000

let market: Market
let clock: HandClock
let simulator: Simulator
let client: WireClient

beforeEach(async () => {
  market = createSeededMarket({ seed: 5, since: SINCE })
  clock = createHandClock(NOW)
  simulator = await startSimulator({ market, clock })
  client = await WireClient.open(simulator.url)
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await simulator.close()
})

function subscribe(channel: string, symbol: string[], more: object = {}): void {
  client.send({ method: 'subscribe', params: { channel, symbol, ...more }, req_id: 1 })
}

async function answered(count: number): Promise<void> {
  await client.until(({ frames }) => frames.filter(({ method }) => method).length === count)
}

/** The clock's time is published once this resolves: a request makes sure of it. */
async function tick(): Promise<void> {
  const count = client.frames.filter(({ method }) => method).length
  subscribe('ohlc', ['ADA/USD'], { snapshot: false })
  await answered(count + 1)
  client.send({ method: 'unsubscribe', params: { channel: 'ohlc', symbol: ['ADA/USD'] } })
  await answered(count + 2)
}

/** Everything that was sent before this has arrived once it resolves. */
async function settle(): Promise<void> {
  const pongs = client.frames.filter(({ method }) => method === 'pong').length
  client.send({ method: 'ping' })
  await client.until(({ frames }) => frames.filter(({ method }) => method === 'pong').length > pongs)
}

describe('WebSocket v2', () => {
  test('greets with the status, and answers each symbol of a subscription', async () => {
    subscribe('trade', ['BTC/USD', 'DOGE/USD', 'ETH/USD'])
    await answered(3)
    expect(client.frames[0]).toMatchObject({ channel: 'status', data: [{ system: 'online', api_version: 'v2' }] })
    expect(client.frames.filter(({ method }) => method)).toMatchObject([
      {
        method: 'subscribe',
        req_id: 1,
        success: true,
        result: { channel: 'trade', symbol: 'BTC/USD', snapshot: true },
      },
      {
        method: 'subscribe',
        req_id: 1,
        success: false,
        error: 'Currency pair not supported DOGE/USD',
        symbol: 'DOGE/USD',
      },
      { method: 'subscribe', req_id: 1, success: true, result: { symbol: 'ETH/USD' } },
    ])
  })

  test('the newest 50 trades and the updates after them have neither a hole nor an overlap', async () => {
    subscribe('trade', ['BTC/USD'])
    await answered(1)
    clock.move(5000)
    await client.until(() => client.data('trade').length > 50)
    clock.move(90_000)
    // The pump sends what is due of one tick in one frame.
    const expected = market.trades('BTC/USD', { since: SINCE, until: clock.now() })
    await client.until(() => client.data('trade').at(-1)?.trade_id === Number(expected.at(-1)!.id))
    const sent = expected.slice(-client.data('trade').length)
    expect(client.data('trade')).toEqual(
      sent.map(({ id, side, price, amount, timestampUs }) => ({
        symbol: 'BTC/USD',
        side,
        price,
        qty: amount,
        ord_type: 'market',
        trade_id: Number(id),
        timestamp: new Date(timestampUs / 1000)
          .toISOString()
          .replace('Z', `${String(timestampUs % 1000).padStart(3, '0')}Z`),
      })),
    )
    expect(client.frames.filter(({ channel }) => channel === 'trade').map(({ type }) => type)).toEqual([
      'snapshot',
      'update',
      'update',
    ])
    expect(client.frames.find(({ type }) => type === 'snapshot')?.data).toHaveLength(50)
  })

  test('a trade in the very millisecond of a tick is sent once', async () => {
    const trades = market.trades('BTC/USD', { since: NOW, until: NOW + 2 * MINUTE_MS })
    subscribe('trade', ['BTC/USD'], { snapshot: false })
    await answered(1)
    for (const { timestamp } of trades) {
      clock.move(timestamp - clock.now())
      const due = trades.filter((trade) => trade.timestamp < timestamp).length
      await client.until(() => client.data('trade').length >= due)
      await tick()
    }
    clock.move(1)
    await client.until(() => client.data('trade').length >= trades.length)
    expect(client.data('trade').map(({ trade_id }) => String(trade_id))).toEqual(trades.map(({ id }) => id))
  })

  test('who subscribes between two ticks still misses nothing', async () => {
    subscribe('trade', ['SOL/USD'])
    await answered(1)
    await using other = await WireClient.open(simulator.url)
    for (let step = 0; step < 20; step++) {
      clock.move(7777)
      // Both requests race with the pump.
      other.send({ method: step % 2 ? 'unsubscribe' : 'subscribe', params: { channel: 'trade', symbol: ['SOL/USD'] } })
      subscribe('trade', ['ADA/USD'])
      await answered(step + 2)
    }
    const last = market.trades('SOL/USD', { since: SINCE, until: clock.now() }).at(-1)!
    await client.until(() =>
      client.data('trade').some(({ trade_id, symbol }) => symbol === 'SOL/USD' && trade_id === Number(last.id)),
    )
    const ids = client
      .data('trade')
      .filter(({ symbol }) => symbol === 'SOL/USD')
      .map(({ trade_id }) => Number(trade_id))
    expect(ids).toEqual(ids.map((_, index) => ids[0]! + index))
  })

  test('candles begin with those of the 13 newest intervals that have trades', async () => {
    const isQuiet = (): boolean =>
      market.trades('ADA/USD', { since: clock.now() - MINUTE_MS, until: clock.now() }).length === 0
    while (!isQuiet()) clock.move(MINUTE_MS)
    subscribe('ohlc', ['ADA/USD'], { interval: 1 })
    await client.until(() => client.data('ohlc').length > 0)
    const recent = market.candles('ADA/USD', '1m', { since: clock.now() - 30_000 - 12 * MINUTE_MS, until: clock.now() })
    expect(client.data('ohlc')).toEqual(recent.map((candle) => toWire(candle)))
    expect(client.data('ohlc').length).toBeLessThan(13)
    expect(client.frames.find(({ result }) => result)?.result).toMatchObject({
      channel: 'ohlc',
      interval: 1,
      symbol: 'ADA/USD',
    })
  })

  test('a tick over many minutes sends the last state of each, in order, and nothing for quiet ones', async () => {
    subscribe('ohlc', ['ADA/USD'], { interval: 1, snapshot: false })
    await answered(1)
    clock.move(30 * MINUTE_MS)
    const { timestamp: first } = market.trades('ADA/USD', { since: NOW, until: clock.now() })[0]!
    const touched = market.candles('ADA/USD', '1m', { since: first - (first % MINUTE_MS), until: clock.now() })
    await client.until(() => client.data('ohlc').length >= touched.length)
    await settle()
    expect(client.data('ohlc')).toEqual(touched.map((candle) => toWire(candle)))
    expect(touched.length).toBeLessThan(29)
  })

  test('every state of a candle that is sent is that of the trades up to one moment', async () => {
    subscribe('ohlc', ['BTC/USD'], { interval: 5, snapshot: false })
    await answered(1)
    for (let step = 0; step < 40; step++) {
      const before = client.data('ohlc').length
      const since = clock.now()
      clock.move(9000)
      if (market.trades('BTC/USD', { since, until: clock.now() }).length === 0) continue
      await client.until(() => client.data('ohlc').length > before)
      const open = Number(Date.parse(String(client.data('ohlc').at(-1)!.interval_begin)))
      const [candle] = market.candles('BTC/USD', '5m', { since: open, until: clock.now() })
      expect(client.data('ohlc').at(-1)).toEqual(toWire(candle!, 'BTC/USD', 5))
    }
    expect(new Set(client.data('ohlc').map(({ interval_begin }) => interval_begin)).size).toBe(2)
  })

  test('refuses what it does not know, and stays open', async () => {
    client.send('{ not json')
    subscribe('ohlc', ['BTC/USD'], { interval: 2 })
    subscribe('trades', ['BTC/USD'])
    subscribe('ohlc', ['BTC/USD'])
    subscribe('ohlc', ['BTC/USD'], { interval: 5 })
    client.send({ method: 'unsubscribe', params: { channel: 'trade', symbol: ['BTC/USD'] }, req_id: 9 })
    client.send({ method: 'dance', req_id: 10 })
    client.send({ method: 'ping', req_id: 11 })
    await client.until(({ frames }) => frames.some(({ method }) => method === 'pong'))
    expect(client.frames.flatMap(({ error }) => error ?? [])).toEqual([
      'Malformed request',
      'Subscription ohlc interval not supported',
      'Subscription name invalid',
      'Already subscribed',
      'Subscription Not Found',
      'Unsupported method',
    ])
    expect(client.frames.at(-1)).toMatchObject({ method: 'pong', req_id: 11 })
  })

  test('sends nothing more after an unsubscribe, and heartbeats all the while', async () => {
    subscribe('trade', ['BTC/USD'])
    await answered(1)
    client.send({ method: 'unsubscribe', params: { channel: 'trade', symbol: ['BTC/USD'] }, req_id: 2 })
    await answered(2)
    const { framesSent } = simulator.counts
    clock.move(10 * MINUTE_MS)
    await client.until(({ frames }) => frames.some(({ channel }) => channel === 'heartbeat'))
    expect(client.frames.at(-1)).toEqual({ channel: 'heartbeat' })
    expect(simulator.counts.framesSent).toBe(framesSent + 1)
  })
})

test('dropSockets resets every connection, and close leaves neither socket nor timer', async () => {
  await using other = await WireClient.open(simulator.url)
  expect(simulator.counts.socketsOpen).toBe(2)
  const closed = Promise.all([client.closed, other.closed])
  expect(simulator.faults.dropSockets()).toBe(2)
  await closed
  await using third = await WireClient.open(simulator.url)
  const gone = third.closed
  await Promise.all([simulator.close(), simulator.close()])
  await gone
  await expect.poll(() => simulator.counts.socketsOpen).toBe(0)
  await expect.poll(() => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap')).toEqual([])
  await expect(fetch(simulator.url)).rejects.toThrow()
})

test('at 240 times the speed every minute with a trade is sent in its last state', async () => {
  await using fast = await startSimulator({ market, clock: createSimulatedClock({ start: NOW, speed: 240 }) })
  await using socket = await WireClient.open(fast.url)
  socket.send({ method: 'subscribe', params: { channel: 'ohlc', symbol: ['BTC/USD'], interval: 1 } })
  await socket.until(() => new Set(socket.data('ohlc').map((row) => row.interval_begin)).size > 22)
  const states = new Map(socket.data('ohlc').map((row) => [row.interval_begin, row]))
  const closed = [...states.values()].slice(0, -1)
  const since = Date.parse(String(closed[0]!.interval_begin))
  const candles = market.candles('BTC/USD', '1m', { since, until: since + closed.length * MINUTE_MS })
  expect(closed).toEqual(candles.map((candle) => toWire(candle, 'BTC/USD')))
})

function toWire(
  { timestamp, ...rest }: ReturnType<Market['candles']>[number],
  symbol = 'ADA/USD',
  interval = 1,
): Record<string, unknown> {
  return {
    symbol,
    ...rest,
    interval_begin: new Date(timestamp).toISOString().replace('Z', '000000Z'),
    interval,
    timestamp: new Date(timestamp + interval * MINUTE_MS).toISOString().replace('Z', '000Z'),
  }
}

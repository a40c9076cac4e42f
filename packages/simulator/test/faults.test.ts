import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  createSeededMarket,
  type Fault,
  type FaultNow,
  type Market,
  type Simulator,
  startSimulator,
} from '../src/index.js'
import { createHandClock, type HandClock } from './hand-clock.js'
import { WireClient } from './wire-client.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const NOW = SINCE + 120 * MINUTE_MS

let market: Market
let clock: HandClock
let simulator: Simulator

async function start(faultPlan: readonly Fault[] = [], skewMs = 0): Promise<void> {
  market = createSeededMarket({ seed: 5, since: SINCE })
  clock = createHandClock(NOW)
  simulator = await startSimulator({
    market,
    clock,
    protocols: ['kraken', 'binance', 'coinbaseexchange'],
    faultPlan,
    skewMs,
  })
}
beforeEach(() => start())
afterEach(() => simulator.close())

function inject(fault: FaultNow): void {
  simulator.faults.inject(fault)
}

async function subscribe(symbol = 'BTC/USD', snapshot = false): Promise<WireClient> {
  const client = await WireClient.open(simulator.url)
  client.send({ method: 'subscribe', params: { channel: 'trade', symbol: [symbol], snapshot }, req_id: 1 })
  await client.until(({ frames }) => frames.some(({ method }) => method))
  return client
}

/** The ids of all trades that came, once all that was sent before has. */
async function received(client: WireClient): Promise<number[]> {
  const pongs = () => client.frames.filter(({ method }) => method === 'pong').length
  const count = pongs()
  client.send({ method: 'ping' })
  await client.until(() => pongs() > count)
  return client.data('trade').map(({ trade_id }) => Number(trade_id))
}

/** Moves the clock and waits until all of that was published. */
async function pass(delayMs: number): Promise<void> {
  clock.move(delayMs)
  await using probe = await WireClient.open(simulator.url)
  // A subscription publishes what is due first.
  probe.send({ method: 'subscribe', params: { channel: 'trade', symbol: ['ETH/USD'], snapshot: false }, req_id: 1 })
  await probe.until(({ frames }) => frames.some(({ method }) => method))
}

function idsOf(since: number, until: number): number[] {
  return market.trades('BTC/USD', { since, until }).map(({ id }) => Number(id))
}

function ask(path = '/0/public/Trades?pair=XBTUSD', options: RequestInit = {}): Promise<Response> {
  return fetch(simulator.url + path, options)
}

async function lastTrade(): Promise<number> {
  const { result } = (await (await ask()).json()) as { result: { XXBTZUSD: unknown[][] } }
  return Number(result.XXBTZUSD.at(-1)?.[6])
}

describe('on sockets', () => {
  test('a stall loses the data of its time and nothing else, heartbeats and answers go on', async () => {
    await using client = await subscribe()
    await pass(MINUTE_MS)
    inject({ kind: 'stall', forMs: MINUTE_MS })
    await pass(30_000)
    await client.until(({ frames }) => frames.some(({ channel }) => channel === 'heartbeat'))
    await pass(MINUTE_MS)
    const since = NOW + 2 * MINUTE_MS
    expect(await received(client)).toEqual([...idsOf(NOW, NOW + MINUTE_MS), ...idsOf(since, since + 30_000)])
  })

  test('a half-open socket gets nothing, not even a pong, and is not closed; a new one works', async () => {
    await using client = await subscribe()
    inject({ kind: 'half-open' })
    await expect.poll(() => simulator.counts.socketsOpen).toBe(0)
    const before = client.frames.length
    client.send({ method: 'ping' })
    client.ping()
    await using other = await subscribe()
    await pass(MINUTE_MS)
    expect(await received(other)).toEqual(idsOf(NOW, NOW + MINUTE_MS))
    await other.until(({ frames }) => frames.some(({ channel }) => channel === 'heartbeat'))
    expect(client.frames).toHaveLength(before)
    other.ping()
    await expect.poll(() => other.pongs).toBe(1)
    expect(client.pongs).toBe(0)
    expect(client.isOpen).toBe(true)
  })

  test('duplicated data comes twice', async () => {
    await using client = await subscribe()
    inject({ kind: 'duplicate', forMs: MINUTE_MS })
    await pass(30_000)
    const ids = idsOf(NOW, NOW + 30_000)
    expect(await received(client)).toEqual([...ids, ...ids])
  })

  test('a snapshot repeats what the subscription began with', async () => {
    await using client = await subscribe('BTC/USD', true)
    inject({ kind: 'snapshot' })
    await client.until(({ frames }) => frames.filter(({ type }) => type === 'snapshot').length === 2)
    const ids = await received(client)
    expect(ids.slice(50)).toEqual(ids.slice(0, 50))
  })

  test.each([
    ['kraken', '/v2', { method: 'subscribe', params: { channel: 'trade', symbol: ['BTC/USD'] } }, /"success":false/],
    ['binance', '/ws', { method: 'SUBSCRIBE', params: ['btcusd@trade'], id: 1 }, /"error":\{"code":2/],
    [
      'coinbaseexchange',
      '/',
      { type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches'] },
      /"type":"error","message":"Failed to subscribe"/,
    ],
  ])('%s refuses a subscription in its own form, and takes it later', async (_, path, request, refusal) => {
    inject({ kind: 'refuse', forMs: 1000 })
    const socket = new WebSocket(simulator.url.replace('http', 'ws') + path)
    const frames: string[] = []
    socket.on('message', (data) => frames.push(String(data)))
    await once(socket, 'open')
    socket.send(JSON.stringify(request))
    await expect.poll(() => frames.join()).toMatch(refusal)
    clock.move(1000)
    frames.length = 0
    socket.send(JSON.stringify(request))
    await expect.poll(() => frames.length).toBeGreaterThan(0)
    expect(frames.join()).not.toMatch(refusal)
    socket.terminate()
  })

  test('planned faults apply to exactly their time, however coarse the ticks', async () => {
    await simulator.close()
    await start([
      { kind: 'stall', atMs: 20_000, forMs: 20_000 },
      { kind: 'duplicate', atMs: 50_000, forMs: 10_000 },
      { kind: 'drop', atMs: 80_000 },
    ])
    await using client = await subscribe()
    await pass(70_000)
    const twice = idsOf(NOW + 50_000, NOW + 60_000)
    const expected = [
      ...idsOf(NOW, NOW + 20_000),
      ...idsOf(NOW + 40_000, NOW + 50_000),
      ...twice,
      ...twice,
      ...idsOf(NOW + 60_000, NOW + 70_000),
    ]
    expect(await received(client)).toEqual(expected)
    const { closed } = client
    clock.move(60_000)
    await closed
    expect(client.data('trade').map(({ trade_id }) => trade_id)).toEqual([
      ...expected,
      ...idsOf(NOW + 70_000, NOW + 80_000),
    ])
  })
})

describe('on REST', () => {
  test('a lag gives the trades of seconds ago under the date of now', async () => {
    inject({ kind: 'lag', forMs: MINUTE_MS, lagMs: 15_000 })
    const response = await ask()
    expect(response.headers.get('date')).toBe(new Date(NOW).toUTCString())
    expect(await lastTrade()).toBe(idsOf(SINCE, NOW - 15_000).at(-1))
    clock.move(MINUTE_MS)
    expect(await lastTrade()).toBe(idsOf(SINCE, NOW + MINUTE_MS).at(-1))
  })

  test.each([
    [{ kind: 'status', forMs: 1000, status: 429, retryAfterSeconds: 9 }, 429, '9'],
    [{ kind: 'status', forMs: 1000, status: 418 }, 418, null],
    [{ kind: 'status', forMs: 1000, status: 403 }, 403, null],
    [{ kind: 'status', forMs: 1000, status: 502 }, 502, null],
    [{ kind: 'maintenance', forMs: 1000 }, 503, null],
  ] as [FaultNow, number, string | null][])('%o is answered with %i', async (fault, status, retryAfter) => {
    inject(fault)
    const response = await ask()
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    clock.move(1000)
    expect((await ask()).status).toBe(200)
  })

  test('HTML and cut JSON come with status 200', async () => {
    inject({ kind: 'html', forMs: 1000 })
    const html = await ask()
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html'])
    clock.move(1000)
    const whole = await (await ask()).text()
    inject({ kind: 'cut', forMs: 1000 })
    const cut = await ask()
    const text = await cut.text()
    expect(cut.status).toBe(200)
    expect(whole.startsWith(text)).toBe(true)
    expect(() => JSON.parse(text)).toThrow()
  })

  test('an empty answer is well formed on all three, and says nothing', async () => {
    inject({ kind: 'empty', forMs: 1000 })
    expect(await (await ask()).json()).toEqual({ error: [], result: { XXBTZUSD: [], last: '0' } })
    expect(await (await ask('/api/v3/klines?symbol=BTCUSD&interval=1m')).json()).toEqual([])
    expect(await (await ask('/api/v3/aggTrades?symbol=BTCUSD&fromId=1')).json()).toEqual([])
    expect(await (await ask('/products/BTC-USD/candles')).json()).toEqual([])
    expect(await (await ask('/products/BTC-USD/trades')).json()).toEqual([])
    clock.move(1000)
    expect(await lastTrade()).toBeGreaterThan(0)
  })

  test('a hang never answers, a reset ends the connection', async () => {
    inject({ kind: 'hang', forMs: 1000 })
    const hanging = ask(undefined, { signal: AbortSignal.timeout(300) })
    await expect(hanging).rejects.toMatchObject({ name: 'TimeoutError' })
    clock.move(1000)
    inject({ kind: 'reset', forMs: 1000 })
    await expect(ask()).rejects.toMatchObject({ cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) } })
    clock.move(1000)
    expect((await ask()).status).toBe(200)
  })

  test('an answer that breaks off is half of what the client takes, with the head of a whole one', async () => {
    inject({ kind: 'break-off', forMs: 1000 })
    for (const [accepted, encoding] of [
      ['br, gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await ask(undefined, { headers: { 'Accept-Encoding': accepted } })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-encoding')).toBe(encoding)
      await expect(response.text()).rejects.toThrow()
    }
    clock.move(1000)
    expect((await ask()).status).toBe(200)
  })

  test('a share of the requests fails, the others do not', async () => {
    inject({ kind: 'status', forMs: 1000, status: 500, share: 0.5 })
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask('/0/public/Time')))
    const failed = answers.filter(({ status }) => status === 500).length
    expect(failed).toBeGreaterThan(10)
    expect(failed).toBeLessThan(50)
  })

  test('a limit of the history leaves out what is older, on all three', async () => {
    inject({ kind: 'history-limit', forMs: MINUTE_MS, days: 30 / 1440, candles: 20 })
    const oldest = NOW - 19 * MINUTE_MS
    const klines = (await (
      await ask(`/api/v3/klines?symbol=BTCUSD&interval=1m&limit=9&startTime=${SINCE}`)
    ).json()) as number[][]
    expect(klines[0]![0]).toBe(oldest)
    const ohlc = (await (await ask('/0/public/OHLC?pair=XBTUSD')).json()) as { result: { XXBTZUSD: number[][] } }
    expect(ohlc.result.XXBTZUSD[0]![0]).toBe(oldest / 1000)
    const candles = (await (await ask('/products/BTC-USD/candles')).json()) as number[][]
    expect(candles.at(-1)![0]).toBe(oldest / 1000)
    const trades = (await (await ask('/api/v3/aggTrades?symbol=BTCUSD&fromId=1')).json()) as { a: number }[]
    expect(trades[0]!.a).toBe(idsOf(NOW - 30 * MINUTE_MS, NOW)[0])
    expect(simulator.truth.trades('BTC/USD', { since: SINCE, until: NOW })).toHaveLength(idsOf(SINCE, NOW).length)
    inject({ kind: 'history-limit', forMs: MINUTE_MS, candles: 20 })
    const quiet = (await (await ask('/api/v3/klines?symbol=ADAUSD&interval=1m&limit=60')).json()) as number[][]
    expect(quiet.map(([open]) => open)).toEqual(quiet.map((_, index) => oldest + index * MINUTE_MS))
  })
})

test('maintenance closes the sockets and opens none until it is over', async () => {
  await using client = await subscribe()
  const { closed } = client
  inject({ kind: 'maintenance', forMs: MINUTE_MS })
  await closed
  const refused = new WebSocket(`${simulator.url.replace('http', 'ws')}/v2`)
  const [error] = await once(refused, 'error')
  expect(String(error)).toMatch(/503/)
  clock.move(MINUTE_MS)
  await using again = await subscribe('BTC/USD', true)
  // What was traded meanwhile is there.
  expect((await received(again)).at(-1)).toBe(idsOf(SINCE, clock.now()).at(-1))
})

test('a delisted symbol is unknown to kraken, closed on the others, and has no future anywhere', async () => {
  await using client = await subscribe()
  inject({ kind: 'delist', symbol: 'BTC/USD' })
  await pass(10 * MINUTE_MS)
  expect(await received(client)).toEqual([])
  expect(await (await ask()).json()).toEqual({ error: ['EQuery:Unknown asset pair'] })
  const { symbols } = (await (await ask('/api/v3/exchangeInfo')).json()) as { symbols: Record<string, string>[] }
  expect(symbols.map(({ symbol, status }) => `${symbol} ${status}`)).toContain('BTCUSD BREAK')
  const product = await (await ask('/products/BTC-USD')).json()
  expect(product).toMatchObject({ status: 'delisted', trading_disabled: true })
  expect(simulator.truth.trades('BTC/USD', { since: NOW, until: clock.now() })).toEqual([])
})

test('the exchange’s clock can be ahead of ours: its dates, its trades and its truth are', async () => {
  await simulator.close()
  await start([], 7000)
  const response = await ask('/0/public/Time')
  expect(response.headers.get('date')).toBe(new Date(NOW + 7000).toUTCString())
  expect(await response.json()).toMatchObject({ result: { unixtime: (NOW + 7000) / 1000 } })
  expect(await lastTrade()).toBe(idsOf(SINCE, NOW + 7000).at(-1))
  expect(simulator.truth.trades('BTC/USD', { since: SINCE, until: NOW * 2 })).toHaveLength(
    idsOf(SINCE, NOW + 7000).length,
  )
})

test('the truth can be asked as of an instant, and REST and truth agree from a correction on', async () => {
  inject({ kind: 'correction', delayMs: 30_000 })
  clock.move(2 * MINUTE_MS)
  const minute = { since: NOW, until: NOW + MINUTE_MS }
  const [early, corrected] = [NOW + MINUTE_MS + 29_000, NOW + MINUTE_MS + 31_000]
  const [before] = simulator.truth.candles('BTC/USD', '1m', minute, early)
  const [after] = simulator.truth.candles('BTC/USD', '1m', minute, corrected)
  expect(before!.volume).toBeLessThan(after!.volume)
  expect(simulator.truth.candles('BTC/USD', '1m', minute)).toEqual([after])
  const klines = (await (await ask(`/api/v3/klines?symbol=BTCUSD&interval=1m&startTime=${NOW}`)).json()) as string[][]
  expect(Number(klines[0]![5])).toBe(after!.volume)
})

test('what was injected can be printed as a plan and repeated', async () => {
  clock.move(5000)
  inject({ kind: 'stall', forMs: 10 })
  inject({ kind: 'delist', symbol: 'BTC/USD' })
  const plan = JSON.parse(JSON.stringify(simulator.faults.plan))
  expect(plan).toEqual([
    { kind: 'stall', forMs: 10, atMs: 5000 },
    { kind: 'delist', symbol: 'BTC/USD', atMs: 5000 },
  ])
  await simulator.close()
  await start(plan)
  expect(simulator.faults.plan).toEqual(plan)
  await expect(startSimulator({ market, clock, faultPlan: [{ kind: 'drop', atMs: -1 }] })).rejects.toMatchObject({
    code: 'BAD_FAULT_PLAN',
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import {
  createSeededMarket,
  peakWeight,
  type RateLimits,
  type Simulator,
  startSimulator,
  sumUsage,
} from '../src/index.js'
import { createLimiter } from '../src/rate-limit.js'
import { openCcxt } from './ccxt-session.js'
import { createHandClock, type HandClock } from './hand-clock.js'

const NOW = Date.parse('2026-01-01T02:00:00Z')

let clock: HandClock
let simulator: Simulator

async function start(enforceLimits: boolean | RateLimits): Promise<void> {
  clock = createHandClock(NOW)
  simulator = await startSimulator({
    market: createSeededMarket({ seed: 1, since: NOW - 7_200_000 }),
    clock,
    protocols: ['kraken', 'binance', 'coinbaseexchange'],
    enforceLimits,
  })
}
afterEach(() => simulator.close())

async function ask(path: string, times: number): Promise<Response[]> {
  const answers: Response[] = []
  for (let time = 0; time < times; time++) answers.push(await fetch(simulator.url + path))
  return answers
}

function statuses(answers: readonly Response[]): number[] {
  return answers.map(({ status }) => status)
}

describe('requests', () => {
  test('are counted by window and endpoint, with their weight, refused or not', async () => {
    await start(false)
    await ask('/api/v3/klines?symbol=BTCUSD&interval=1m', 3)
    await ask('/api/v3/aggTrades?symbol=BTCUSD', 2)
    await ask('/products/BTC-USD/candles', 1)
    await ask('/products/ETH-USD/candles', 1)
    clock.move(60_000)
    await ask('/api/v3/klines?symbol=NOPE&interval=1m', 1)
    await ask('/nowhere', 1)
    const binance = { exchange: 'binance', since: NOW }
    expect(sumUsage(simulator.requests, 60_000)).toEqual([
      { ...binance, endpoint: '/api/v3/klines', requests: 3, weight: 6, failed: 0 },
      { ...binance, endpoint: '/api/v3/aggTrades', requests: 2, weight: 8, failed: 0 },
      {
        exchange: 'coinbaseexchange',
        since: NOW,
        endpoint: '/products/{id}/candles',
        requests: 2,
        weight: 2,
        failed: 0,
      },
      { ...binance, since: NOW + 60_000, endpoint: '/api/v3/klines', requests: 1, weight: 2, failed: 1 },
      { exchange: '', since: NOW + 60_000, endpoint: '/nowhere', requests: 1, weight: 0, failed: 1 },
    ])
    const own = simulator.requests.filter(({ exchange }) => exchange === 'binance')
    expect([peakWeight(own, 60_000), peakWeight(own, 60_001)]).toEqual([14, 16])
  })

  test('say on binance how much of the minute’s weight is used', async () => {
    await start(false)
    const [, , third] = await ask('/api/v3/klines?symbol=BTCUSD&interval=1m', 3)
    expect(third!.headers.get('x-mbx-used-weight')).toBe('6')
    clock.move(60_000)
    const [next] = await ask('/api/v3/time', 1)
    expect(next!.headers.get('x-mbx-used-weight-1m')).toBe('1')
  })
})

describe('an enforced limit', () => {
  test('of binance answers 429 up to the end of the minute, and 418 to who goes on', async () => {
    await start({ binance: { windowMs: 60_000, most: 5 } })
    clock.move(10_500)
    const answers = await ask('/api/v3/time', 6)
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 200, 429])
    expect(answers[5]!.headers.get('retry-after')).toBe('50')
    expect(await answers[5]!.json()).toMatchObject({ code: -1003 })
    clock.move(49_500)
    expect(statuses(await ask('/api/v3/time', 17)).slice(4)).toEqual([200, ...Array(10).fill(429), 418, 418])
    clock.move(60_000)
    const [banned] = await ask('/api/v3/time', 1)
    expect([banned!.status, banned!.headers.get('retry-after')]).toEqual([418, '60'])
    clock.move(60_000)
    expect(statuses(await ask('/api/v3/time', 1))).toEqual([200])
  })

  test('of coinbase and of kraken refills, and each refuses in its own form', async () => {
    await start(true)
    const coinbase = await ask('/time', 16)
    expect(statuses(coinbase)).toEqual([...Array(15).fill(200), 429])
    expect(await coinbase[15]!.json()).toEqual({ message: 'Public rate limit exceeded' })
    clock.move(100)
    expect(statuses(await ask('/time', 2))).toEqual([200, 429])
    const kraken = await ask('/0/public/Time', 6)
    expect(await kraken[4]!.json()).toMatchObject({ error: [] })
    expect(await kraken[5]!.json()).toEqual({ error: ['EAPI:Rate limit exceeded'] })
  })

  test.each(['kraken', 'binance', 'coinbaseexchange'] as const)(
    'of %s reaches ccxt as being too fast',
    async (name) => {
      await start({ [name]: { windowMs: 60_000, most: 25 } })
      await using exchange = await openCcxt(simulator, name)
      await exchange.loadMarkets()
      const asking = (async () => {
        for (;;) await exchange.fetchTime()
      })()
      await expect(asking).rejects.toMatchObject({ name: expect.stringMatching(/DDoSProtection|RateLimitExceeded/) })
    },
  )

  test('that lets nothing through is refused', () => {
    simulator = { close: async () => {} } as Simulator
    expect(() => createLimiter({ perSecond: 0, burst: 1 })).toThrow(RangeError)
  })
})

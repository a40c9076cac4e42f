import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSeededMarket, type Market, type Simulator, startSimulator } from '../src/index.js'
import { createHandClock, type HandClock } from './hand-clock.js'
import { RawSocket } from './raw-socket.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const NOW = SINCE + 60 * MINUTE_MS + 30_000

let market: Market
let clock: HandClock
let simulator: Simulator
let socket: RawSocket

beforeEach(async () => {
  market = createSeededMarket({ seed: 5, since: SINCE })
  clock = createHandClock(NOW)
  simulator = await startSimulator({ market, clock, protocols: ['coinbaseexchange'] })
  socket = await RawSocket.open(simulator.url, '/')
})
afterEach(async () => {
  await socket[Symbol.asyncDispose]()
  await simulator.close()
})

function ask(type: string, channels: unknown, ...products: string[]): Promise<Record<string, unknown>> {
  const request = { type, product_ids: products, channels }
  return socket.ask(request, (frame) => frame.type === 'subscriptions' || frame.type === 'error')
}

function matches(product: string): Record<string, unknown>[] {
  return socket.frames.filter(({ type, product_id }) => type === 'match' && product_id === product)
}

/** Moves the clock, and returns once all of that is published and here. */
async function pass(delayMs: number): Promise<void> {
  clock.move(delayMs)
  // A new subscription publishes what is due first.
  await ask('subscribe', ['ticker'], 'ADA-USD')
  await ask('unsubscribe', ['ticker'], 'ADA-USD')
}

describe('the coinbase feed', () => {
  test('begins with the last match, and goes on with the next: no hole, no overlap, the maker’s side', async () => {
    const answer = await ask('subscribe', ['matches'], 'BTC-USD', 'ETH-USD')
    expect(answer).toEqual({
      type: 'subscriptions',
      channels: [{ name: 'matches', product_ids: ['BTC-USD', 'ETH-USD'] }],
    })
    for (let step = 0; step < 20; step++) await pass(9000)
    const before = market.trades('BTC/USD', { since: SINCE, until: NOW }).at(-1)!
    const after = market.trades('BTC/USD', { since: NOW, until: clock.now() })
    expect(socket.frames[0]).toMatchObject({ type: 'last_match', trade_id: Number(before.id), product_id: 'BTC-USD' })
    expect(
      matches('BTC-USD').map(({ trade_id, side, price, size, time }) => [trade_id, side, price, size, time]),
    ).toEqual(
      after.map(({ id, side, price, amount, timestampUs }) => [
        Number(id),
        side === 'buy' ? 'sell' : 'buy',
        String(price),
        String(amount),
        new Date(timestampUs / 1000).toISOString().replace('Z', `${String(timestampUs % 1000).padStart(3, '0')}Z`),
      ]),
    )
  })

  test('adds up subscriptions, by request or by channel, and ends them one by one', async () => {
    await ask('subscribe', ['matches'], 'BTC-USD')
    const answer = await ask('subscribe', [{ name: 'ticker', product_ids: ['ETH-USD'] }, 'heartbeat'], 'SOL-USD')
    expect(answer.channels).toEqual([
      { name: 'matches', product_ids: ['BTC-USD'] },
      { name: 'ticker', product_ids: ['ETH-USD'] },
      { name: 'heartbeat', product_ids: ['SOL-USD'] },
    ])
    expect((await ask('unsubscribe', ['matches'], 'BTC-USD')).channels).toHaveLength(2)
    await pass(10 * MINUTE_MS)
    expect(matches('BTC-USD')).toEqual([])
    expect(socket.frames.filter(({ type, product_id }) => type === 'ticker' && product_id === 'ETH-USD').length).toBe(2)
  })

  test('sends a heartbeat a second, naming the last trade, quiet or not', async () => {
    await ask('subscribe', ['heartbeat'], 'BTC-USD')
    await socket.until(() => socket.frames.some(({ type }) => type === 'heartbeat'))
    const last = market.trades('BTC/USD', { since: SINCE, until: NOW }).at(-1)!
    expect(socket.frames.at(-1)).toMatchObject({ last_trade_id: Number(last.id), product_id: 'BTC-USD' })
  })

  test('refuses a request with anything wrong in it as a whole, and says what', async () => {
    const refuse = (reason: string) => ({ type: 'error', message: 'Failed to subscribe', reason })
    expect(await ask('subscribe', ['matches'], 'BTC-USD', 'NO-USD')).toEqual(refuse('NO-USD is not a valid product'))
    expect(await ask('subscribe', ['trades'], 'BTC-USD')).toEqual(refuse('trades is not a valid channel'))
    expect(await ask('subscribe', [], 'BTC-USD')).toEqual(refuse('No channels provided'))
    expect(await ask('subscribe', ['matches'])).toEqual(
      refuse('You need to specify at least one product ID for channel matches'),
    )
    expect(await socket.ask('{', ({ type }) => type === 'error')).toEqual({ type: 'error', message: 'Malformed JSON' })
    await pass(MINUTE_MS)
    expect(matches('BTC-USD')).toEqual([])
  })
})

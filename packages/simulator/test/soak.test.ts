import type { Trade } from '@fullon/market'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  createFaultPlan,
  createSeededMarket,
  DEFAULT_FAULT_RATES,
  type Simulator,
  startSimulator,
} from '../src/index.js'
import { createHandClock } from './hand-clock.js'

const SINCE = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const START = SINCE + 60 * MINUTE_MS
const RUN_MS = 30 * MINUTE_MS
const STEP_MS = 4000
const RATES = { ...DEFAULT_FAULT_RATES, delist: 0.7, 'history-limit': 0.7, drop: 20, maintenance: 2 }

/** A client that does not give up, and keeps the trades that it is sent. */
class Stubborn {
  readonly trades = new Map<string, { price: number; timestamp: number }>()
  connections = 0
  readonly #url: string
  #socket: WebSocket | undefined
  #isEnded = false

  constructor(url: string) {
    this.#url = `${url.replace('http', 'ws')}/ws/btcusd@aggTrade`
    this.#open()
  }

  end(): void {
    this.#isEnded = true
    this.#socket?.terminate()
  }

  #open(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.on('open', () => this.connections++)
    socket.on('message', (data) => {
      const { e, a, p, T } = JSON.parse(String(data))
      if (e === 'aggTrade') this.trades.set(String(a), { price: Number(p), timestamp: T })
      else socket.terminate() // refused
    })
    socket.on('error', () => {})
    socket.on('close', () => this.#isEnded || setImmediate(() => this.#open()))
  }
}

async function ask(simulator: Simulator, path: string): Promise<unknown> {
  try {
    const response = await fetch(simulator.url + path, { signal: AbortSignal.timeout(200) })
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}

describe.each([1, 2, 3])('under a plan of seed %i', (seed) => {
  test('whatever is answered and sent is true, and what had been published stays so', async () => {
    const clock = createHandClock(START)
    const faultPlan = createFaultPlan({ seed, durationMs: RUN_MS, rates: RATES, symbols: ['ETH/USD'] })
    await using simulator = await startSimulator({
      market: createSeededMarket({ seed, since: SINCE }),
      clock,
      protocols: ['kraken', 'binance', 'coinbaseexchange'],
      faultPlan,
    })
    const client = new Stubborn(simulator.url)
    const seen: { readonly at: number; readonly trades: readonly Trade[] }[] = []
    let answers = 0
    for (; clock.now() < START + RUN_MS + MINUTE_MS; clock.move(STEP_MS)) {
      const rows = await ask(simulator, '/api/v3/aggTrades?symbol=BTCUSD&limit=50')
      const span = { since: clock.now() - 10 * MINUTE_MS, until: clock.now() }
      const trades = simulator.truth.trades('BTC/USD', span)
      if (Array.isArray(rows) && rows.length > 0) {
        answers++
        const true_ = new Map(trades.map(({ id, price, timestamp }) => [id, `${price} ${timestamp}`]))
        for (const { a, p, T } of rows) if (T >= span.since) expect(`${Number(p)} ${T}`).toBe(true_.get(String(a)))
      }
      if (clock.now() % (5 * MINUTE_MS) === 0) seen.push({ at: clock.now(), trades })
    }
    client.end()
    const truth = simulator.truth.trades('BTC/USD', { since: SINCE, until: clock.now() })
    const byId = new Map(truth.map(({ id, price, timestamp }) => [id, { price, timestamp }]))
    for (const [id, trade] of client.trades) expect(trade).toEqual(byId.get(id))
    expect(client.trades.size).toBeGreaterThan(50)
    expect(client.connections).toBeGreaterThan(5)
    expect(answers).toBeGreaterThan(100)
    for (const { at, trades } of seen)
      expect(simulator.truth.trades('BTC/USD', { since: at - 10 * MINUTE_MS, until: at }, at)).toEqual(trades)
    expect(simulator.faults.plan).toEqual(faultPlan)
  })
})

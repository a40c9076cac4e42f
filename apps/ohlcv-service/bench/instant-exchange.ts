import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createSimulatedClock } from '@fullon/simulator'

export interface Feeds {
  /** Symbols `S0/USDT`, `S1/USDT` …, up to this many. */
  readonly symbols: number
  /** How many of them are updated five times a second; each has a closed candle a minute. */
  readonly active?: number
  /** Trades a second of `S0/USDT`, from the order to start on. */
  readonly tradesPerSecond?: number
  /** Trades of `S0/USDT` that are all sent at the order to start, a millisecond of market time apart. */
  readonly flood?: number
}

/** A time that processes share, which may run fast. */
export interface SharedTime {
  readonly start: number
  readonly speed: number
  readonly startedAt: number
}

export interface InstantExchange extends AsyncDisposable {
  readonly ccxtOptions: { readonly binance: Record<string, unknown> }
  /** Sends the trades, if there are any. @returns when, in the machine's time with fractions. */
  start(): Promise<number>
  /** REST requests so far. */
  requests(): Promise<number>
}

export const realTime: SharedTime = { start: Date.now(), speed: 1, startedAt: Date.now() }

/** binance as far as candles and trades go, answering at once, in a process of its own: it shall not be what is measured. */
export async function startInstantExchange(feeds: Feeds, time: SharedTime = realTime): Promise<InstantExchange> {
  const file = fileURLToPath(new URL('instant-exchange-process.ts', import.meta.url))
  const child = fork(file, [JSON.stringify({ feeds, time })])
  const ask = async (order: string) => {
    child.send(order)
    const [answer] = await once(child, 'message')
    return answer as number // cast: what the process answers to each order
  }
  const [port] = await once(child, 'message')
  const markets = Array.from({ length: feeds.symbols }, (_, index) => toMarket(`S${index}`))
  const api = { public: `http://127.0.0.1:${port}/api/v3`, ws: { spot: `ws://127.0.0.1:${port}/ws` } }
  const binance = { urls: { api }, fetchMarkets: async () => markets, fetchCurrencies: async () => ({}) }
  return {
    ccxtOptions: { binance },
    start: () => ask('start'),
    requests: () => ask('requests'),
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

export function clockOf(time: SharedTime) {
  return createSimulatedClock(time)
}

function toMarket(base: string): object {
  const id = `${base}USDT`
  const names = {
    id,
    lowercaseId: id.toLowerCase(),
    symbol: `${base}/USDT`,
    base,
    quote: 'USDT',
    baseId: base,
    quoteId: 'USDT',
  }
  return { ...names, type: 'spot', spot: true, active: true, precision: {}, limits: {} }
}

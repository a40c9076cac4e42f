import { once } from 'node:events'
import { type Clock, systemClock } from '@fullon/market'
import WebSocket from 'ws'
import { ExchangeQueue } from '../src/index.js'
import { type CcxtExchange, loadCacheClasses, loadExchangeClass } from '../src/load-ccxt.js'
import { binanceOptions } from './binance-options.js'
import { MORE, START, TRADES } from './flood.js'
import { median } from './median.js'

const SYMBOL = 'S0/USDT'
const PASSES = 3

// A process of its own for each reader, which would else slow the ones after it: `<reader> <url>`. Prints trades/s.
type Reader = (url: string) => Promise<number>

/** Each resolves with the milliseconds from the first trade to the last. */
const READERS = {
  bare: async (url) => {
    const socket = new WebSocket(`${url}/0`, { perMessageDeflate: false })
    await once(socket, 'open')
    const end = stopwatch()
    const done = new Promise<number>((resolve) => {
      socket.on('message', (data) => {
        const { a } = JSON.parse(String(data))
        if (a !== undefined) end(a, resolve)
      })
    })
    socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['s0usdt@aggTrade'], id: 1 }))
    const elapsed = await done
    socket.terminate()
    return elapsed
  },
  seeded: async (url) => {
    const ccxt = await openCcxt(url)
    const { ArrayCache } = await loadCacheClasses()
    const end = stopwatch()
    const elapsed = await new Promise<number>((resolve) => {
      const cache = new ArrayCache(100)
      const append = cache.append.bind(cache)
      const value = (trade: { id: string }) => {
        append(trade)
        end(Number(trade.id), resolve)
      }
      ccxt.trades[SYMBOL] = Object.defineProperty(cache, 'append', { value })
      keepWatching(ccxt, () => {})
    })
    await ccxt.close()
    return elapsed
  },
  plain: async (url) => {
    const ccxt = await openCcxt(url)
    const end = stopwatch()
    const elapsed = await new Promise<number>((resolve) => {
      keepWatching(ccxt, (trades) => {
        for (const { id } of trades as { id: string }[]) end(Number(id), resolve)
      })
    })
    await ccxt.close()
    return elapsed
  },
  ours: async (url) => {
    let isLive = false
    // It stands before the first trade, and runs on once the subscription does.
    const clock: Clock = { now: () => START + (isLive ? TRADES + MORE : 0), sleep: systemClock.sleep }
    await using queue = new ExchangeQueue({ ccxtOptions: { binance: binanceOptions(url, 1) }, clock })
    const handler = await queue.getHandler('binance')
    const end = stopwatch()
    let elapsed: number | undefined
    for await (const pages of handler.watchTrades(SYMBOL)) {
      isLive = true
      for (const { rows } of pages) {
        for (const { id } of rows) {
          end(Number(id), (ms) => {
            elapsed = ms
          })
        }
      }
      if (elapsed !== undefined) break
    }
    return elapsed ?? Number.NaN
  },
} satisfies Record<string, Reader>

async function openCcxt(url: string): Promise<CcxtExchange> {
  const Binance = await loadExchangeClass('binance')
  const options = { watchTradesForSymbols: { name: 'aggTrade' } }
  const ccxt = new Binance({ ...binanceOptions(url, 1), options })
  await ccxt.loadHttpProxyAgent?.()
  await ccxt.loadMarkets()
  return ccxt
}

async function keepWatching(ccxt: CcxtExchange, take: (trades: unknown) => void): Promise<void> {
  try {
    for (;;) take(await ccxt.watchTrades(SYMBOL))
  } catch {
    // closed
  }
}

/** Runs from the first id it is told of to the last, or the first after it. */
function stopwatch(): (id: number, onEnd: (ms: number) => void) => void {
  let startedAt: number | undefined
  return (id, onEnd) => {
    startedAt ??= performance.now()
    if (id >= TRADES - 1) onEnd(performance.now() - startedAt)
  }
}

const [, , name = '', url = ''] = process.argv
const rates: number[] = []
for (let pass = 0; pass < PASSES; pass++) {
  globalThis.gc?.()
  rates.push((TRADES / (await READERS[name as keyof typeof READERS](url))) * 1000) // cast: given by bench.ts
}
process.stdout.write(JSON.stringify({ rate: median(rates) }))
process.exit(0)

import { ExchangeQueue } from '@fullon/exchange'
import { systemClock } from '@fullon/market'
import { startInstantExchange } from './instant-exchange.js'
import { isLive, startService, until } from './start-service.js'

// A process of its own for each reader: `exchange`, or `service <database url>`. Prints trades/s.
const TRADES = 200_000
/** A trade is vouched for once one is there that is newer by five seconds: these push the last of them out. */
const MORE = 6_000
const START = Date.UTC(2026, 0, 5)

await using exchange = await startInstantExchange(
  { symbols: 1, flood: TRADES + MORE },
  { start: START, speed: 1, startedAt: Date.now() },
)
const { ccxtOptions } = exchange
let isSent = false
// It stands before the first trade, and behind the last one afterwards.
const clock = { now: () => START + (isSent ? TRADES + MORE : 0), sleep: systemClock.sleep }
const send = () => {
  isSent = true
  return exchange.start()
}

const READERS: Readonly<Record<string, (url: string) => Promise<number>>> = {
  async exchange() {
    await using queue = new ExchangeQueue({ ccxtOptions, clock })
    const handler = await queue.getHandler('binance')
    let read = 0
    let startedAt: Promise<number> | undefined
    for await (const pages of handler.watchTrades('S0/USDT')) {
      startedAt ??= send()
      for (const { rows } of pages) read += rows.length
      if (read >= TRADES - 5_000) break // the first five seconds are not vouched for
    }
    const endedAt = performance.timeOrigin + performance.now()
    return (read / (endedAt - ((await startedAt) ?? endedAt))) * 1_000
  },
  async service(databaseUrl) {
    await using service = await startService({ symbols: 1, trades: 'on' }, { databaseUrl, ccxtOptions, clock })
    await until(isLive(service, 'trades', 1))
    const startedAt = await send()
    const stored = () => service.status().find(({ kind }) => kind === 'trades')?.rows ?? 0
    await until(() => stored() >= TRADES - 5_000)
    const endedAt = performance.timeOrigin + performance.now()
    return (stored() / (endedAt - startedAt)) * 1_000
  },
}

const [, , reader = '', url = ''] = process.argv
process.stdout.write(JSON.stringify({ rate: await READERS[reader]?.(url) }))
process.exit(0)

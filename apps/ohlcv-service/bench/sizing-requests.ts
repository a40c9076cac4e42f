import { getComponentLogger } from '@fullon/log'
import { DatabaseContext, OHLCV_ACCOUNT } from '@fullon/orm'
import {
  createSeededMarket,
  createSimulatedClock,
  type ProtocolName,
  startSimulator,
  sumUsage,
} from '@fullon/simulator'
import { runService } from '../src/index.js'

const HOUR_MS = 3_600_000
const SINCE = Date.UTC(2026, 0, 5)
/** Simulated per real time. At 240 a busy machine answered so late that three times as many gaps opened. */
const SPEED = 40
/** For the first connections, markets and pages, which are not what a day costs. */
const SETTLE_MS = HOUR_MS / 6

/** Four symbols, one of them quiet for minutes at a time, from now on and without history. */
export async function countRequests(
  url: string,
  { exchange, trades, hours }: { readonly exchange: ProtocolName; readonly trades: string; readonly hours: number },
): Promise<{ readonly aDay: number; readonly byEndpoint: string }> {
  const clock = createSimulatedClock({ start: SINCE + 24 * HOUR_MS, speed: SPEED })
  const market = createSeededMarket({ seed: 5, since: SINCE })
  await using simulator = await startSimulator({ market, clock, protocols: [exchange] })
  const symbols = await configure(url, exchange, trades, market.symbols)
  const log = getComponentLogger('fullon.ohlcv.daemon')
  await using service = await runService({ databaseUrl: url, ccxtOptions: simulator.ccxtOptions, clock, log })
  await clock.sleep(SETTLE_MS)
  const before = simulator.requests.length
  await clock.sleep(hours * HOUR_MS)
  const records = simulator.requests.slice(before)
  const live = service.status().filter(({ liveSince }) => liveSince !== undefined)
  if (new Set(live.map(({ symbol }) => symbol)).size < symbols) throw new Error(`${exchange}: not every symbol is live`)
  const scale = 24 / hours / symbols
  const byEndpoint = new Map<string, number>()
  for (const { endpoint, requests } of sumUsage(records, HOUR_MS)) {
    byEndpoint.set(endpoint, (byEndpoint.get(endpoint) ?? 0) + requests)
  }
  const parts = [...byEndpoint].map(([endpoint, count]) => `${Math.round(count * scale)} ${endpoint}`)
  return { aDay: Math.round(records.length * scale), byEndpoint: parts.join(', ') }
}

/** @returns how many symbols. */
async function configure(url: string, exchange: string, trades: string, symbols: readonly string[]): Promise<number> {
  await using db = await DatabaseContext.open({ url })
  const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
  const catExId = await db.exchanges.installExchange(exchange, { params: { trades } })
  await db.exchanges.addUserExchange({ uid, catExId, name: OHLCV_ACCOUNT })
  for (const symbol of symbols) await db.symbols.addSymbol({ symbol, catExId, backtest: 0 })
  return symbols.length
}

import { configureLogger, getComponentLogger } from '@fullon/log'
import { DatabaseContext, OHLCV_ACCOUNT } from '@fullon/orm'
import { runService, type Service, type ServiceOptions } from '../src/index.js'

export interface BenchService {
  /** `S0/USDT`, `S1/USDT` … of binance. */
  readonly symbols: number
  /** Days. */
  readonly backtest?: number
  readonly trades?: 'on' | 'off'
}

/** The whole service on an empty database. */
export async function startService(
  { symbols, backtest = 0, trades = 'off' }: BenchService,
  options: Omit<ServiceOptions, 'log'>,
): Promise<Service> {
  configureLogger({ level: 'critical' })
  await using db = await DatabaseContext.open({ url: options.databaseUrl })
  const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
  const catExId = await db.exchanges.installExchange('binance')
  await db.exchanges.addUserExchange({ uid, catExId, name: OHLCV_ACCOUNT })
  await db.exchanges.setExchangeParam(catExId, 'trades', trades)
  for (let index = 0; index < symbols; index++) {
    await db.symbols.addSymbol({ symbol: `S${index}/USDT`, catExId, backtest })
  }
  const redisUrl = process.env.TEST_REDIS_URL
  return runService({ ...options, redisUrl, log: getComponentLogger('fullon.ohlcv.daemon') })
}

/** Resolves once `isSo`. @throws Error after four minutes. */
export async function until(isSo: () => boolean | Promise<boolean>, { everyMs = 5 } = {}): Promise<void> {
  for (const end = Date.now() + 240_000; !(await isSo()); ) {
    if (Date.now() > end) throw new Error('waited for four minutes')
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** Whether all that is to be followed is. */
export const isLive = (service: Service, kind: 'candles' | 'trades', count: number) => () =>
  service.status().filter((one) => one.kind === kind && one.liveSince !== undefined).length === count

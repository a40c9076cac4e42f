// Keeps the newest ticker of every configured symbol in Redis, after Python's fullon_ticker_service:
// DATABASE_URL=… REDIS_URL=… npm run example ticker-service
import { type NewProcess, openCache, redisUrlFrom, reportProcesses, TickCache, type TickSeries } from '@fullon/cache'
import { messageOf, runDaemon } from '@fullon/daemon'
import { ExchangeQueue, readCcxtOptions } from '@fullon/exchange'
import { getComponentLogger } from '@fullon/log'
import { systemClock as clock } from '@fullon/market'
import { DatabaseContext, databaseUrlsFrom } from '@fullon/orm'

const log = getComponentLogger('fullon.ticker')
const { env } = process
await runDaemon({ env, logger: log, run: keepTickers })

async function keepTickers(signal: AbortSignal): Promise<void> {
  const url = databaseUrlsFrom(env).databaseUrl ?? 'postgres://postgres@localhost/fullon'
  await using db = await DatabaseContext.open({ url })
  await using cache = await openCache({ url: redisUrlFrom(env), logger: log })
  const ccxtOptions = env.FULLON_CCXT_OPTIONS ? readCcxtOptions(env.FULLON_CCXT_OPTIONS) : {}
  await using queue = new ExchangeQueue({ ccxtOptions })
  const ticks = new TickCache(cache)
  const processes = new Map<string, NewProcess>() // as ProcessCache shows them, so that monitors see who falls silent
  const found = await findSeries(db) // a change takes a restart; `db.watch` would tell of it
  log.info({ symbols: found.size }, 'following')
  const reporting = reportProcesses({ cache, processes: () => [...processes.values()], clock, signal, logger: log })
  await Promise.all([reporting, ...Array.from(found, ([component, series]) => follow(component, series))])

  async function follow(component: string, series: TickSeries): Promise<void> {
    const show = (state: Pick<NewProcess, 'status' | 'message'>) =>
      processes.set(component, { type: 'tick', component, ...state })
    while (!signal.aborted) {
      try {
        const handler = await queue.getHandler(series.exchange, 'default', series)
        for await (const tick of handler.watchTicker(series.symbol, { signal })) {
          await ticks.setTicker(series, tick).then(
            () => show({ status: 'running', message: `last ${tick.last}` }),
            (err) => show({ status: 'error', message: messageOf(err) }), // without Redis the subscription stands
          )
        }
      } catch (err) {
        if (signal.aborted) return
        show({ status: 'error', message: messageOf(err) })
        log.warn({ err, component }, 'ticker interrupted, subscribing again')
        await clock.sleep(5_000, { signal }).catch(() => {})
      }
    }
  }
}

async function findSeries({ users, exchanges, symbols }: DatabaseContext): Promise<Map<string, TickSeries>> {
  const admin = await users.getFirstAdmin()
  const accounts = admin ? await exchanges.getUserExchanges(admin.uid) : []
  const series = new Map<string, TickSeries>()
  for (const { name: exchange, catExId, test: sandbox } of accounts.filter(({ active }) => active))
    for (const { symbol } of await symbols.getByExchangeId(catExId, { active: true }))
      series.set(`${exchange}${sandbox ? '@sandbox' : ''}:${symbol}`, { exchange, sandbox, symbol })
  return series
}

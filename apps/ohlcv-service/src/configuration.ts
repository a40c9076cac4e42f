import { parseTimeframe, type Series, type Timeframe } from '@fullon/market'
import type { DatabaseContext } from '@fullon/orm'

/** A symbol to collect, as the database asks for it. */
export interface Wanted extends Series {
  readonly sandbox: boolean
  readonly timeframe: Timeframe
  /** How far back history is wanted; 0 = from now on. */
  readonly backtestDays: number
  /** Whether trades are kept, collected only where candles need them, or left alone. */
  readonly trades: TradesMode
}

type TradesMode = 'on' | 'auto' | 'off'

/**
 * Reads what to collect: the active symbols of the active exchanges of one user. However many accounts name an
 * exchange, each symbol is collected once.
 *
 * @param onInvalid is told of a row that cannot be followed; the others go on
 */
export async function readConfiguration(
  db: DatabaseContext,
  adminMail: string | undefined,
  onInvalid: (symbol: string, err: unknown) => void,
): Promise<Map<string, Wanted>> {
  const wanted = new Map<string, Wanted>()
  const uid = adminMail ? await db.users.getUserId(adminMail) : (await db.users.getFirstAdmin())?.uid
  if (uid === undefined) return wanted
  for (const { catExId, name, test, active } of await db.exchanges.getUserExchanges(uid)) {
    if (!active) continue
    const params = await db.exchanges.getExchangeParams(catExId)
    for (const row of await db.symbols.getByExchangeId(catExId)) {
      if (!row.active || row.onlyTicker) continue
      try {
        const series = { exchange: name, sandbox: test, symbol: row.symbol, timeframe: parseTimeframe(row.updateframe) }
        const trades = parseTradesMode(params.trades ?? 'auto')
        wanted.set(JSON.stringify([series, row.backtest, trades]), { ...series, backtestDays: row.backtest, trades })
      } catch (err) {
        onInvalid(row.symbol, err)
      }
    }
  }
  return wanted
}

function parseTradesMode(text: string): TradesMode {
  if (text === 'on' || text === 'auto' || text === 'off') return text
  throw new RangeError(`exchange parameter trades: expected on, auto or off, got ${JSON.stringify(text)}`)
}

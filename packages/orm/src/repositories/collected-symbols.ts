import { and, asc, eq, sql } from 'drizzle-orm'
import type { Connection } from '../connection.js'
import { OrmError } from '../errors.js'
import { catExchanges } from '../schema/cat-exchanges.js'
import { catExchangesParams } from '../schema/cat-exchanges-params.js'
import { exchanges } from '../schema/exchanges.js'
import { symbols } from '../schema/symbols.js'
import { parseUpdateframe, type Updateframe } from '../validate-symbol.js'

/** A symbol whose candles are to be collected, and how. */
export interface CollectedSymbol {
  /** ccxt id. */
  readonly exchange: string
  /** On the exchange's sandbox. */
  readonly sandbox: boolean
  readonly symbol: string
  readonly timeframe: Updateframe
  /** How far back history is wanted, milliseconds; 0 = from now on. */
  readonly backtestMs: number
  /** Parameter `trades`: whether trades are kept, collected only where candles need them (default), or left alone. */
  readonly trades: TradesMode
  /** Parameter `keep_candles`, there in days: how long candles are kept, milliseconds; undefined (default) for ever. */
  readonly keepCandlesMs: number | undefined
  /** Parameter `keep_trades`, there in days: how long trades are kept, milliseconds; 90 days by default. */
  readonly keepTradesMs: number
}

export type TradesMode = 'on' | 'auto' | 'off'

/** The names among an exchange's settings that say how it is collected. */
export const COLLECT_PARAMS: readonly string[] = ['trades', 'keep_candles', 'keep_trades']

const DAY_MS = 86_400_000

/**
 * @param onInvalid is told of a symbol that is set wrong; the others go on
 *
 * @internal
 */
export async function selectCollected(
  connection: Connection,
  uid: number,
  onInvalid: (symbol: string, error: unknown) => void,
): Promise<CollectedSymbol[]> {
  const rows = await selectRows(connection, uid)
  return rows.flatMap((row) => {
    try {
      return [parseRow(row)]
    } catch (error) {
      onInvalid(row.symbol, error)
      return []
    }
  })
}

/** Active symbols of active accounts, each once however many accounts there are, in the order they were added. */
function selectRows(connection: Connection, uid: number) {
  const { symbolId, symbol, updateframe, backtest } = symbols
  const params = sql<Readonly<Record<string, string>>>`coalesce((
    select jsonb_object_agg(${catExchangesParams.name}, ${catExchangesParams.value})
    from ${catExchangesParams} where ${eq(catExchangesParams.catExId, symbols.catExId)}), '{}')`
  const columns = { symbolId, symbol, updateframe, backtest, exchange: catExchanges.name, test: exchanges.test, params }
  const isActive = and(eq(exchanges.active, true), eq(symbols.active, true), eq(symbols.onlyTicker, false))
  return connection.run('symbols.getCollected', (db) =>
    db
      .selectDistinct(columns)
      .from(symbols)
      .innerJoin(catExchanges, eq(catExchanges.catExId, symbols.catExId))
      .innerJoin(exchanges, eq(exchanges.catExId, symbols.catExId))
      .where(and(eq(exchanges.uid, uid), isActive))
      .orderBy(asc(symbolId), asc(exchanges.test)),
  )
}

type Row = Awaited<ReturnType<typeof selectRows>>[number]

function parseRow({ exchange, test, symbol, updateframe, backtest, params }: Row): CollectedSymbol {
  const parsed = parseCollectParams(exchange, params)
  return {
    ...{ exchange, sandbox: test, symbol, timeframe: parseUpdateframe(updateframe) },
    backtestMs: backtest * DAY_MS,
    ...parsed,
  }
}

/**
 * What the settings of an exchange say of collecting; others than {@link COLLECT_PARAMS} are left alone.
 *
 * @throws OrmError `INVALID` that says what is expected
 */
export function parseCollectParams(
  exchange: string,
  params: Readonly<Record<string, string>>,
): Pick<CollectedSymbol, 'trades' | 'keepCandlesMs' | 'keepTradesMs'> {
  const { trades = 'auto', keep_candles: keepCandles, keep_trades: keepTrades = '90' } = params
  if (!isTradesMode(trades)) throw invalid(exchange, 'trades', 'on, auto or off', trades)
  const days = (name: string, text: string) => {
    if (Number(text) > 0 && Number.isFinite(Number(text))) return Math.round(Number(text) * DAY_MS)
    throw invalid(exchange, name, 'days above 0', text)
  }
  return {
    trades,
    keepCandlesMs: keepCandles === undefined ? undefined : days('keep_candles', keepCandles),
    keepTradesMs: days('keep_trades', keepTrades),
  }
}

function isTradesMode(text: string): text is TradesMode {
  return text === 'on' || text === 'auto' || text === 'off'
}

function invalid(exchange: string, name: string, expected: string, got: string): OrmError {
  return new OrmError('INVALID', `parameter ${name} of ${exchange}: expected ${expected}, got ${JSON.stringify(got)}`)
}

import { CandleRepository, openOhlcv, sealDue, TradeRepository } from '@fullon/ohlcv'
import { createSeededMarket } from '@fullon/simulator'
import postgres from 'postgres'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS
const SINCE = Date.UTC(2026, 0, 5) // a Monday: whole partitions

export interface Stored {
  readonly sealed: boolean
  readonly rows: number
  /** With indexes. */
  readonly bytes: number
}

/** Two weeks of four symbols, an hour of each in turn as live data come; as they lie then, and sealed. */
export async function storeWeeks(url: string, kind: 'candles' | 'trades'): Promise<Stored[]> {
  const market = createSeededMarket({ seed: 5, since: SINCE })
  const until = SINCE + 2 * WEEK_MS
  await using db = await openOhlcv({ url })
  for (let since = SINCE; since < until; since += HOUR_MS) {
    const covered = { since, until: since + HOUR_MS }
    for (const symbol of market.symbols) {
      const vouched = { covered, confirmedUntil: covered.until }
      if (kind === 'trades') {
        const rows = market.trades(symbol, covered).map(({ timestampUs: _, ...trade }) => trade)
        await new TradeRepository(db, 'kraken', symbol).saveTrades({ rows, ...vouched })
      } else {
        const rows = market.candles(symbol, '1m', covered).map(({ trades: _, vwap: __, ...candle }) => candle)
        await new CandleRepository(db, 'kraken', symbol, '1m').saveCandles({ rows, ...vouched })
      }
    }
  }
  const unsealed = { sealed: false, ...(await measure(url, kind)) }
  const { sealed } = await sealDue(db, { now: until + WEEK_MS, quietMs: 0 })
  if (sealed.length < 2) throw new Error(`${kind}: expected both weeks to be sealed, got ${JSON.stringify(sealed)}`)
  return [unsealed, { sealed: true, ...(await measure(url, kind)) }]
}

async function measure(url: string, kind: 'candles' | 'trades'): Promise<Omit<Stored, 'sealed'>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const table = `ohlcv.${kind}`
    const [size] = await sql`
      select sum(pg_total_relation_size(relid))::int8 as bytes from pg_partition_tree(${table}::regclass)`
    const [count] = await sql`select count(*)::int8 as rows from ${sql(table)}`
    return { rows: Number(count?.rows), bytes: Number(size?.bytes) }
  } finally {
    await sql.end()
  }
}

import type { TruthSession } from './truth-tables.js'

export interface Verdict {
  /** Rows that are stored. */
  readonly candles: number
  readonly trades: number
  /** Published, wanted and not stored, though nothing says why. */
  readonly missing: number
  /** Stored otherwise than published. */
  readonly wrong: number
  /** Stored and never published. */
  readonly extra: number
  readonly duplicate: number
  /** Published, wanted, not stored, and named in `unavailable` with its reason. */
  readonly unavailable: number
  /** The first of what is missing, wrong or extra, and every unavailable span that should not be. */
  readonly examples: readonly string[]
}

const EXAMPLES = 5

/**
 * Compares what is stored with what was published, in plain SQL of its own: the code under test has no part in it.
 * A candle outside of what is wanted and final was promised to nobody, such as one of the last minutes, which no REST
 * page has confirmed yet; every other row that is stored counts.
 */
export async function compare(sql: TruthSession): Promise<Verdict> {
  await sql`create temporary table stored_series as
    select s.exchange, s.symbol, s.timeframe, s.series_id, c.confirmed, e.span as wanted,
      coalesce((select range_agg(u.span) from ohlcv.unavailable u where u.series_id = s.series_id and u.reason <> ''), '{}') as unavailable
    from ohlcv.series s
    left join ohlcv.coverage c using (series_id)
    left join expected e on (e.exchange, e.symbol) = (s.exchange, s.symbol) and e.timeframe is not distinct from s.timeframe`
  const candles = await differences(sql, CANDLES)
  const trades = await differences(sql, TRADES)
  const sum = (kind: string) =>
    [...candles.counts, ...trades.counts].reduce((n, row) => n + (row.kind === kind ? row.count : 0), 0)
  return {
    candles: candles.rows,
    trades: trades.rows,
    missing: sum('missing'),
    wrong: sum('wrong'),
    extra: sum('extra'),
    duplicate: candles.duplicate + trades.duplicate,
    unavailable: sum('unavailable'),
    examples: [...candles.examples, ...trades.examples, ...(await unexpectedlyUnavailable(sql))],
  }
}

interface Kind {
  readonly table: 'candles' | 'trades'
  /** Identifies a row within its series. */
  readonly key: 'timestamp' | 'trade_id'
  /** Of a series `s`. */
  readonly isOfKind: string
  /** The truth `t` of a series `s`. */
  readonly isTruthOf: string
  /** Stored `r` against published `t`. */
  readonly differs: string
  /** Whether a stored row `r` of a series `s` must be right. */
  readonly isPromised: string
}

const CANDLES: Kind = {
  table: 'candles',
  key: 'timestamp',
  isOfKind: 's.timeframe is not null',
  isTruthOf: '(t.exchange, t.symbol, t.timeframe) = (s.exchange, s.symbol, s.timeframe)',
  differs: `(r.open, r.high, r.low, r.close) is distinct from (t.open, t.high, t.low, t.close)
    or abs(r.volume - t.volume) > 1e-9 * greatest(abs(r.volume), abs(t.volume))`,
  isPromised: '(r."timestamp" <@ s.confirmed or r."timestamp" <@ s.wanted)',
}

const TRADES: Kind = {
  table: 'trades',
  key: 'trade_id',
  isOfKind: 's.timeframe is null',
  isTruthOf: '(t.exchange, t.symbol) = (s.exchange, s.symbol)',
  differs: '(r."timestamp", r.side, r.price, r.amount) is distinct from (t."timestamp", t.side, t.price, t.amount)',
  isPromised: 'true',
}

async function differences(sql: TruthSession, kind: Kind) {
  const { table, key, isOfKind, isTruthOf, differs, isPromised } = kind
  await sql.unsafe(`analyze truth_${table}`) // without statistics the joins below are loops in loops
  await sql.unsafe(`create temporary table stored_${table} as
    select s.*, r."timestamp", r.${table === 'candles' ? 'open, r.high, r.low, r.close, r.volume' : 'trade_id, r.side, r.price, r.amount'}
    from stored_series s join ohlcv.${table} r using (series_id)`)
  await sql.unsafe(`analyze stored_${table}`)
  await sql.unsafe(`create temporary table different_${table} as
    select s.exchange, s.symbol, s.timeframe, t."timestamp", t."${key}"::text as key,
      case when t."timestamp" <@ s.unavailable then 'unavailable' else 'missing' end as kind
    from stored_series s join truth_${table} t on ${isOfKind} and ${isTruthOf} and t."timestamp" <@ s.wanted
    where not exists (select from ohlcv.${table} r where r.series_id = s.series_id and r."timestamp" = t."timestamp" and r."${key}" = t."${key}")
    union all
    select r.exchange, r.symbol, r.timeframe, r."timestamp", r."${key}"::text, case when t.symbol is null then 'extra' else 'wrong' end
    from stored_${table} r left join truth_${table} t on ${isTruthOf.replaceAll('s.', 'r.')} and t."${key}" = r."${key}"
    where (t.symbol is null or ${differs}) and ${isPromised.replaceAll('s.', 'r.')}`)
  const counts = await sql.unsafe(`select kind, count(*)::int from different_${table} group by kind`)
  const [totals] = await sql.unsafe(`select count(*)::int as rows,
    (count(*) - count(distinct (exchange, symbol, timeframe, "${key}")))::int as duplicate from stored_${table}`)
  const rows = await sql.unsafe(
    `select * from different_${table} where kind <> 'unavailable' order by "timestamp" limit ${EXAMPLES}`,
  )
  return {
    counts: counts as unknown as { kind: string; count: number }[], // cast: the query's columns
    rows: Number(totals?.rows),
    duplicate: Number(totals?.duplicate),
    examples: rows.map((row) => `${table}: ${JSON.stringify(row)}`),
  }
}

/** Marks where the exchange did serve. */
async function unexpectedlyUnavailable(sql: TruthSession): Promise<string[]> {
  const rows = await sql`
    select s.exchange, s.symbol, s.timeframe, u.span::text, u.reason
    from ohlcv.unavailable u join ohlcv.series s using (series_id)
    left join expected e on (e.exchange, e.symbol) = (s.exchange, s.symbol) and e.timeframe is not distinct from s.timeframe
    where u.reason = '' or upper(u.span) > coalesce(e.served_since, '-infinity')`
  return rows.map((row) => `unavailable without need: ${JSON.stringify(row)}`)
}

/** What of the expected series is neither final nor unavailable. */
export async function findUnfinished(sql: TruthSession): Promise<string[]> {
  const [tables] = await sql`select to_regclass('ohlcv.coverage') is not null as exist`
  if (!tables?.exist) return ['no service has made its tables yet']
  const rows = await sql<{ exchange: string; symbol: string; timeframe: string | null; open: string }[]>`
    select exchange, symbol, timeframe, open::text from (
      select e.exchange, e.symbol, e.timeframe,
        tstzmultirange(e.span) - coalesce(c.confirmed, '{}')
          - coalesce((select range_agg(u.span) from ohlcv.unavailable u where u.series_id = s.series_id), '{}') as open
      from expected e
      left join ohlcv.series s on (s.exchange, s.symbol) = (e.exchange, e.symbol) and s.timeframe is not distinct from e.timeframe
      left join ohlcv.coverage c using (series_id)) as unfinished
    where not isempty(open)`
  return rows.map(({ exchange, symbol, timeframe, open }) => `${exchange} ${symbol} ${timeframe ?? 'trades'}: ${open}`)
}

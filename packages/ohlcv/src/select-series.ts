import type { EpochMs, Series, Span, Unavailable } from '@fullon/market'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import * as tables from './schema.js'
import { parseSpans } from './sql/literals.js'

/** What vouches for a series. Spans are ascending and do not touch; marks of different reasons may overlap. */
export interface Coverage {
  /** The exchange has answered for these. */
  readonly covered: Span[]
  /** Final. */
  readonly confirmed: Span[]
  /** Candles here were built from trades. */
  readonly built: Span[]
  /** What the exchange has proved it cannot serve; `at` is when that was noted. */
  readonly unavailable: (Unavailable & { readonly at: EpochMs })[]
}

export interface StoredSeries extends Series, Coverage {
  readonly sandbox: boolean
}

interface IdentifiedSeries extends StoredSeries {
  readonly seriesId: number
}

/** Every stored series, or the one that is `wanted`: one statement, and so of one state of the database. */
export async function selectSeries(orm: PgRemoteDatabase, wanted?: Series): Promise<IdentifiedSeries[]> {
  const { series, coverage, unavailable } = tables
  const marks = sql<readonly Mark[]>`coalesce((
    select json_agg(json_build_array(
      ${unavailable.span}::text, ${unavailable.reason}, floor(date_part('epoch', ${unavailable.notedAt}) * 1000))
      order by ${unavailable.span}, ${unavailable.reason})
    from ${unavailable} where ${eq(unavailable.seriesId, series.seriesId)}), '[]')`
  const rows = await orm
    .select({ series, coverage, marks })
    .from(series)
    .innerJoin(coverage, eq(coverage.seriesId, series.seriesId))
    .where(wanted && isWanted(wanted))
    .orderBy(series.exchange, series.symbol, series.sandbox, series.seriesId)
  return rows.map((row) => ({
    seriesId: row.series.seriesId,
    exchange: row.series.exchange,
    symbol: row.series.symbol,
    sandbox: row.series.sandbox,
    ...(row.series.timeframe && { timeframe: row.series.timeframe }),
    covered: row.coverage.covered,
    confirmed: row.coverage.confirmed,
    built: row.coverage.built,
    unavailable: row.marks.flatMap(([span, reason, at]) => parseSpans(span).map((one) => ({ ...one, reason, at }))),
  }))
}

/** Its span as Postgres writes it, its reason, and when it was noted. */
type Mark = readonly [span: string, reason: string, at: EpochMs]

function isWanted({ exchange, symbol, sandbox = false, timeframe }: Series) {
  const { series } = tables
  return and(
    eq(series.exchange, exchange),
    eq(series.symbol, symbol),
    eq(series.sandbox, sandbox),
    timeframe ? eq(series.timeframe, timeframe) : isNull(series.timeframe),
  )
}

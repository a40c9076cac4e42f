import type { EpochMs, Series, Span, Unavailable } from '@fullon/market'
import { and, eq, isNull } from 'drizzle-orm'
import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import * as tables from './schema.js'

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

/** Every stored series, or the one that is `wanted`. */
export async function selectSeries(orm: PgRemoteDatabase, wanted?: Series): Promise<IdentifiedSeries[]> {
  const { series, coverage, unavailable } = tables
  const condition = wanted && isWanted(wanted)
  const rows = await orm
    .select()
    .from(series)
    .innerJoin(coverage, eq(coverage.seriesId, series.seriesId))
    .where(condition)
    .orderBy(series.exchange, series.symbol, series.sandbox, series.seriesId)
  const marks = await orm
    .select({ mark: unavailable })
    .from(unavailable)
    .innerJoin(series, eq(unavailable.seriesId, series.seriesId))
    .where(condition)
    .orderBy(unavailable.span, unavailable.reason)
  return rows.map((row) => ({
    seriesId: row.series.seriesId,
    exchange: row.series.exchange,
    symbol: row.series.symbol,
    sandbox: row.series.sandbox,
    ...(row.series.timeframe && { timeframe: row.series.timeframe }),
    covered: row.coverage.covered,
    confirmed: row.coverage.confirmed,
    built: row.coverage.built,
    unavailable: marks
      .filter(({ mark }) => mark.seriesId === row.series.seriesId)
      .map(({ mark: { span, reason, notedAt } }) => ({ ...span, reason, at: notedAt })),
  }))
}

function isWanted({ exchange, symbol, sandbox = false, timeframe }: Series) {
  const { series } = tables
  return and(
    eq(series.exchange, exchange),
    eq(series.symbol, symbol),
    eq(series.sandbox, sandbox),
    timeframe ? eq(series.timeframe, timeframe) : isNull(series.timeframe),
  )
}

import { spansLengthMs } from '@fullon/market'
import { CandleRepository, type OhlcvDatabase } from '@fullon/ohlcv'
import { candleChart } from '../candle-chart.js'
import type { LiveTable } from '../live-table.js'
import type { FileComparison } from './expected-candles.js'
import type { Verdict } from './verify.js'

export interface ReportOptions {
  readonly verdict: Verdict
  readonly expected: FileComparison | undefined
  readonly json: boolean
  readonly ohlcv: OhlcvDatabase
  readonly exchange: string
  /** Whose chart is drawn. */
  readonly symbol: string
  readonly table: LiveTable
}

const CHART_CANDLES = 72

/** The chart of one series and, last, the verdict. */
export async function printReport({
  verdict,
  expected,
  json,
  ohlcv,
  exchange,
  symbol,
  table,
}: ReportOptions): Promise<void> {
  const repository = new CandleRepository(ohlcv, exchange, symbol, '1m')
  const { built } = await repository.coverage()
  const builtMinutes = spansLengthMs(built) / 60_000
  if (json) {
    console.log(JSON.stringify({ ...verdict, ...(expected ? { expected } : {}), builtMinutes }))
    return
  }
  table.note(
    `\n${exchange} ${symbol}, the last ${CHART_CANDLES} minutes stored; ${builtMinutes} older ones were built from trades`,
  )
  for (const line of candleChart(await repository.getCandles({ limit: CHART_CANDLES }), {
    colour: process.stdout.isTTY,
  }))
    table.note(line)
  const { series, candles, trades, missing, wrong, duplicate } = verdict
  if (expected)
    table.note(`\ncompared with the expected file: ${expected.rows} candles, ${expected.different} different`)
  table.note(
    `\nverified: ${series} series, ${candles} candles, ${trades} trades: ${missing} missing, ${wrong} wrong, ${duplicate} duplicate`,
  )
}

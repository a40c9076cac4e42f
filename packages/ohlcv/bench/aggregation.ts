import { type Timeframe, timeframeMs } from '@fullon/market'
import { TimeseriesRepository } from '../src/index.js'
import { compare } from './measure.js'
import type { Aim, Report } from './report.js'
import { minute } from './rows.js'
import type { BenchServer } from './server.js'

const ROUNDS = 21

export interface Aggregation {
  readonly symbol: string
  readonly minutes: number
  readonly timeframe: Timeframe
  readonly aim?: Aim
}

/** Candles of a longer timeframe from a sealed series of minutes, against two statements by hand. */
export async function benchAggregation({ db, sql }: BenchServer, report: Report, what: Aggregation): Promise<void> {
  const { symbol, minutes, timeframe, aim } = what
  const series = new TimeseriesRepository(db, 'bench', symbol)
  const [row] = await sql`select series_id from ohlcv.series where symbol = ${symbol}`
  const span = { since: minute(0), until: minute(minutes) }
  const width = `${timeframeMs(timeframe)} milliseconds`
  const rows = sql`
    select date_bin(${width}::interval, "timestamp", '2000-01-03') as bin, *
    from ohlcv.candles
    where series_id = ${row?.series_id} and "timestamp" >= ${new Date(span.since)} and "timestamp" < ${new Date(span.until)}`
  // The same candles, to the last bit.
  const byHandInOrder = () => sql`
    select bin, (array_agg(open order by "timestamp"))[1] as open, max(high) as high, min(low) as low,
      (array_agg(close order by "timestamp" desc))[1] as close, sum(volume order by "timestamp") as volume
    from (${rows}) as rows group by bin order by bin`
  // The fastest: several processes share it. Its sums have other last bits; without its first minute an hour has no open.
  const byHand = () => sql`
    select bin, min(open) filter (where "timestamp" = bin) as open, max(high) as high, min(low) as low,
      min(close) filter (where "timestamp" = bin + ${width}::interval - interval '1 min') as close, sum(volume) as volume
    from (${rows}) as rows group by bin order by bin`
  for (const [statement, name, wanted] of [
    [byHand, 'the fastest SQL by hand', aim],
    [byHandInOrder, 'SQL by hand that sums in order, as ours', undefined],
  ] as const) {
    const { ratio, oursMs, theirsMs } = await compare(
      ROUNDS,
      () => series.fetchOhlcv({ ...span, timeframe }),
      statement,
    )
    report.add({
      what: `${timeframe} candles over ${minutes.toLocaleString('en')} minutes against ${name}`,
      value: ratio,
      ...(wanted ? { aim: wanted } : {}),
      detail: `${oursMs.toFixed(0)} ms, by hand ${theirsMs.toFixed(0)} ms`,
    })
  }
}

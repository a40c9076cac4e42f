import { nextGaps } from '../src/index.js'
import { compare } from './measure.js'
import type { Report } from './report.js'
import { minute } from './rows.js'
import type { BenchServer } from './server.js'

const SERIES = 1_000
const ROUNDS = 21

/** The newest gap of each of 1,000 series: after all that is covered, as mostly, and before much of it. */
export async function benchGaps({ db, sql }: BenchServer, report: Report): Promise<void> {
  await sql`
    insert into ohlcv.series (exchange, symbol, timeframe)
    select 'gaps', 'G' || index, '1m' from generate_series(1, ${SERIES}::int) as index`
  const series = Array.from({ length: SERIES }, (_, index) => {
    return { exchange: 'gaps', symbol: `G${index + 1}`, timeframe: '1m' } as const
  })
  for (const [holes, atMost] of [
    [10, 20],
    [1_000, 500],
  ] as const) {
    const end = 10 * holes
    for (const [shape, lastUntil, until] of [
      ['', end - 5, end],
      [', all in the older half', 2 * end, 2 * end],
    ] as const) {
      await sql`
        insert into ohlcv.coverage (series_id, covered)
        select series_id, covered from ohlcv.series, (
          select range_agg(tstzrange(since, since + interval '5 min'))
            + tstzmultirange(tstzrange(max(since), ${new Date(minute(lastUntil))}::timestamptz)) as covered
          from generate_series(${new Date(minute(0))}::timestamptz,
            ${new Date(minute(end - 10))}::timestamptz, interval '10 min') as since
        ) as covered
        where exchange = 'gaps' on conflict (series_id) do update set covered = excluded.covered`
      const asked = series.map((one) => ({ series: one, since: minute(0), until: minute(until) }))
      const ends = () => sql`
        select series_id, upper(covered) from ohlcv.series join ohlcv.coverage using (series_id) where exchange = 'gaps'`
      const { ratio, oursMs, theirsMs } = await compare(ROUNDS, () => nextGaps(db, asked), ends)
      report.add({
        what: `the next gap of each of ${SERIES} series with ${holes} holes each${shape}`,
        value: oursMs,
        unit: 'ms',
        aim: { atMost },
        detail: `${(1 / ratio).toFixed(1)} times a select of where their coverage ends, ${theirsMs.toFixed(0)} ms`,
      })
    }
  }
}

import { nextGaps } from '../src/index.js'
import { median, timeOf } from './measure.js'
import type { Report } from './report.js'
import { minute } from './rows.js'
import type { BenchServer } from './server.js'

const SERIES = 1_000
const ROUNDS = 7

/** The newest gap of each of 1,000 series: after all that is covered, as mostly, and before the last of it. */
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
    await sql`
      insert into ohlcv.coverage (series_id, covered)
      select series_id, covered from ohlcv.series, (
        select range_agg(tstzrange(since, since + interval '5 min')) as covered
        from generate_series(${new Date(minute(0))}::timestamptz,
          ${new Date(minute(10 * (holes - 1)))}::timestamptz, interval '10 min') as since
      ) as covered
      where exchange = 'gaps' on conflict (series_id) do update set covered = excluded.covered`
    for (const [shape, until] of [
      ['', minute(10 * holes)],
      [', all of them old', minute(10 * holes - 5)],
    ] as const) {
      const asked = series.map((one) => ({ series: one, since: minute(0), until }))
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round++) times.push(await timeOf(() => nextGaps(db, asked)))
      report.add({
        what: `the next gap of each of ${SERIES} series with ${holes} holes each${shape}`,
        value: median(times),
        unit: 'ms',
        aim: { atMost },
        detail: 'one call',
      })
    }
  }
}

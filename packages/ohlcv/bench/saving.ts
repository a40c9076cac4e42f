import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Candle, Page, Trade } from '@fullon/market'
import { CandleRepository, TradeRepository } from '../src/index.js'
import { compare } from './measure.js'
import { Psql } from './psql.js'
import type { Report } from './report.js'
import { candlesOf, MINUTE_MS, tradesOf } from './rows.js'
import type { BenchServer } from './server.js'

interface Kind {
  readonly table: 'candles' | 'trades'
  rows(first: number, count: number): readonly (Candle | Trade)[]
  save(series: string, rows: readonly (Candle | Trade)[]): Promise<unknown>
  line(seriesId: number, row: Candle | Trade): string
  readonly lengthMs: number
}

const SIZES = [
  { size: 1_000, rounds: 31, aim: 0.4 },
  { size: 10_000, rounds: 15, aim: 0.8 },
  { size: 100_000, rounds: 5, aim: 0.8 },
]
const file = join(tmpdir(), `fullon-bench-${process.pid}.copy`)
const FIRST_COPIED = 1_000_000_000
let copiedSeries = FIRST_COPIED

/** New rows, and the same rows again, against `psql \copy` of as many new rows into the same table. */
export async function benchSaving({ url, db, sql }: BenchServer, report: Report): Promise<void> {
  await using psql = new Psql(url)
  const kinds: Kind[] = [
    {
      table: 'candles',
      rows: candlesOf,
      save: (series, rows) =>
        new CandleRepository(db, 'bench', series, '1m').saveCandles(pageOf(rows as Candle[], MINUTE_MS)), // cast: this kind's
      line: (id, row) => {
        const { timestamp, open, high, low, close, volume } = row as Candle // cast: this kind's
        return [id, new Date(timestamp).toISOString(), open, high, low, close, volume].join('\t')
      },
      lengthMs: MINUTE_MS,
    },
    {
      table: 'trades',
      rows: tradesOf,
      save: (series, rows) => new TradeRepository(db, 'bench', series).saveTrades(pageOf(rows as Trade[], 1)), // cast: this kind's
      line: (id, row) => {
        const { timestamp, id: trade, side, price, amount } = row as Trade // cast: this kind's
        return [id, new Date(timestamp).toISOString(), trade, side, price, amount].join('\t')
      },
      lengthMs: 1,
    },
  ]
  for (const kind of kinds) {
    await kind.save('WEEKS', kind.rows(0, 500_000)) // makes the partitions
    for (const { size, rounds, aim } of SIZES) {
      const name = `${size} ${kind.table}`
      const rowsOf = (round: number) => kind.rows(round * size, size)
      const copy = async (round: number) => {
        await writeFile(
          file,
          `${rowsOf(round)
            .map((row) => kind.line(copiedSeries, row))
            .join('\n')}\n`,
        )
        return psql.copy(`ohlcv.${kind.table}`, file)
      }
      const pages = Array.from({ length: rounds }, (_, round) => rowsOf(round))
      const save = (round: number) => kind.save(`NEW${size}`, pages[round] ?? [])
      const fresh = await compare(rounds, save, copy)
      copiedSeries++
      report.add({
        what: `${name} that are new`,
        value: fresh.ratio,
        aim: { atLeast: aim },
        detail: rates(size, fresh),
      })
      if (size === 1_000) continue
      const [now] = await sql`select txid_current()::text as xid`
      const replay = await compare(rounds, save, copy)
      copiedSeries++
      const dead = await writtenSince(sql, kind.table, now?.xid)
      report.add({
        what: `${name} that are stored already`,
        value: replay.ratio,
        aim: { atLeast: 0.6 },
        detail: `${rates(size, replay)}, dead rows ${dead}`,
      })
    }
  }
  await rm(file, { force: true })
}

function pageOf<Row extends { readonly timestamp: number }>(rows: readonly Row[], lengthMs: number): Page<Row> {
  const [since, last] = [rows[0]?.timestamp ?? 0, rows.at(-1)?.timestamp ?? 0]
  return { rows, covered: { since, until: last + lengthMs }, confirmedUntil: last + lengthMs }
}

function rates(size: number, { oursMs, theirsMs }: { oursMs: number; theirsMs: number }): string {
  return `${Math.round(size / oursMs)} rows a ms, \\copy ${Math.round(size / theirsMs)}`
}

/** Rows of our series that were written again by a later transaction: each leaves a dead one. */
async function writtenSince(sql: BenchServer['sql'], table: string, xid: string): Promise<number> {
  const [row] = await sql`
    select count(*)::float8 as count from ${sql(`ohlcv.${table}`)}
    where series_id < ${FIRST_COPIED} and xmin::text::bigint >= ${xid}`
  return row?.count
}

import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Candle, EpochMs, Timeframe, Trade } from '@fullon/market'
import { type OhlcvDatabase, TimeseriesRepository, TradeRepository, toCsv } from '@fullon/ohlcv'
import { type Command, Option } from 'commander'
import { CommandError } from '../command-error.js'
import { describeCommand } from '../describe-command.js'
import { withStores } from '../open-context.js'
import { parseKind, parseTime } from '../option-parsers.js'
import { endOf, findStored, seriesArguments } from '../stored-series.js'
import { type ParquetColumn, writeParquet } from '../write-parquet.js'

interface Flags {
  readonly format: 'csv' | 'parquet'
  readonly since?: EpochMs
  readonly until?: EpochMs
  readonly out?: string
  readonly sandbox?: boolean
  readonly json?: boolean
}

const CANDLE_COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const
const TRADE_COLUMNS = ['timestamp', 'id', 'side', 'price', 'amount'] as const

export function defineExport(command: Command): void {
  describeCommand(
    seriesArguments(command)
      .argument('<what>', 'trades, or the timeframe of candles', parseKind)
      .addOption(new Option('--format <format>').choices(['csv', 'parquet']).default('csv'))
      .option('--since <time>', 'from then on, UTC or such as 30d; default: all', parseTime)
      .option('--until <time>', 'before then; default: all', parseTime)
      .option('--out <file>', 'default: standard output; Parquet needs a file'),
    { example: 'export kraken BTC/USD 1h --format parquet --since 2026-01-01 --out btc.parquet' },
  ).action(exportSeries)
}

async function exportSeries(exchange: string, symbol: string, what: Timeframe | 'trades', flags: Flags): Promise<void> {
  const { format, out, json } = flags
  if (!out && (format === 'parquet' || json))
    throw new CommandError(`export: expected --out FILE with --${json ? 'json' : 'format parquet'}`)
  const rows = await withStores(async ({ ohlcv }) => {
    const sandbox = flags.sandbox ?? false
    const stored = await findStored(ohlcv, { exchange, symbol, sandbox })
    const span = { since: flags.since ?? 0, until: flags.until ?? endOf(stored) }
    const name = { exchange, symbol, sandbox }
    if (what === 'trades') return write(tradesOf(ohlcv, name, span), TRADE_COLUMNS, flags)
    return write(candlesOf(ohlcv, name, { ...span, timeframe: what }), CANDLE_COLUMNS, flags)
  })
  if (json) console.log(JSON.stringify({ exchange, symbol, what, format, file: out, rows }))
  else if (out) console.log(`${rows} rows in ${out}`)
}

interface Name {
  readonly exchange: string
  readonly symbol: string
  readonly sandbox: boolean
}

function tradesOf(ohlcv: OhlcvDatabase, { exchange, symbol, sandbox }: Name, span: { since: EpochMs; until: EpochMs }) {
  return new TradeRepository(ohlcv, exchange, symbol, { sandbox }).streamTrades(span)
}

function candlesOf(
  ohlcv: OhlcvDatabase,
  { exchange, symbol, sandbox }: Name,
  range: { since: EpochMs; until: EpochMs; timeframe: Timeframe },
) {
  return new TimeseriesRepository(ohlcv, exchange, symbol, { sandbox }).streamOhlcv(range)
}

/** A file appears under its name when it is whole: one that was interrupted is not taken for an export. */
async function write<Row extends Candle | Trade>(
  arrays: AsyncIterable<readonly Row[]>,
  columns: readonly (ParquetColumn & keyof Row)[],
  { format, out }: Flags,
): Promise<number> {
  let count = 0
  const counted = (async function* () {
    for await (const rows of arrays) {
      count += rows.length
      yield rows
    }
  })()
  if (!out) {
    await pipeline(toCsv(counted, columns), process.stdout, { end: false })
    return count
  }
  const part = `${out}.part`
  try {
    if (format === 'parquet') await writeParquet(part, counted, columns)
    else await pipeline(toCsv(counted, columns), createWriteStream(part))
    renameSync(part, out)
  } catch (err) {
    rmSync(part, { force: true })
    throw err
  }
  return count
}

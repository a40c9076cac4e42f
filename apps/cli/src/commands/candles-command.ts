import { type EpochMs, floorToTimeframe, type Timeframe, timeframeMs } from '@fullon/market'
import { type FetchedCandle, TimeseriesRepository, toCsv } from '@fullon/ohlcv'
import { type Command, Option } from 'commander'
import { candleChart } from '../candle-chart.js'
import { describeCommand } from '../describe-command.js'
import { formatTime } from '../format-time.js'
import { withStores } from '../open-context.js'
import { parseTime, parseTimeframeName, parseWhole } from '../option-parsers.js'
import { hasColour } from '../paint.js'
import { printTable } from '../print-table.js'
import { endOf, findStored, seriesArguments } from '../stored-series.js'

interface Flags {
  readonly last: number
  readonly since?: EpochMs
  readonly until?: EpochMs
  readonly format?: 'table' | 'chart' | 'csv' | 'json'
  readonly fill?: boolean
  readonly sandbox?: boolean
  readonly json?: boolean
}

/** Beside a chart: a blank and a price of six digits. */
const SCALE_WIDTH = 14

export function defineCandles(candles: Command): void {
  describeCommand(
    seriesArguments(candles)
      .argument('[timeframe]', 'such as 1m, 1h or 1d', parseTimeframeName, '1m')
      .option('--last <n>', 'the newest intervals', parseWhole, 48)
      .option('--since <time>', 'instead of --last: from then on, UTC or such as 12h', parseTime)
      .option('--until <time>', 'before then; default: all that is stored', parseTime)
      .addOption(new Option('--format <format>', 'default: table').choices(['table', 'chart', 'csv', 'json']))
      .option('--fill', 'also intervals in which nothing was traded, at the price before'),
    { example: 'candles kraken BTC/USD 1h --last 48 --format chart' },
  ).action(printCandles)
}

async function printCandles(exchange: string, symbol: string, timeframe: Timeframe, flags: Flags): Promise<void> {
  const candles = await readCandles(exchange, symbol, timeframe, flags)
  const format = flags.json ? 'json' : (flags.format ?? 'table')
  if (format === 'json') return console.log(JSON.stringify(candles))
  if (format === 'chart') {
    const { isTTY, columns = 80 } = process.stdout
    const shown = isTTY ? candles.slice(-(columns - SCALE_WIDTH)) : candles
    for (const line of candleChart(shown, { colour: hasColour() })) console.log(line)
  } else if (format === 'csv') {
    const columns = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const
    for await (const text of toCsv([candles], columns)) process.stdout.write(text)
  } else {
    printTable(
      ['time (UTC)', 'open', 'high', 'low', 'close', 'volume', ''],
      candles.map(({ timestamp, whole, ...candle }) => [
        formatTime(timestamp),
        ...[candle.open, candle.high, candle.low, candle.close, candle.volume].map(String),
        whole ? '' : 'in part',
      ]),
    )
  }
}

function readCandles(exchange: string, symbol: string, timeframe: Timeframe, flags: Flags): Promise<FetchedCandle[]> {
  const { last, since, until, fill, sandbox = false } = flags
  return withStores(async ({ ohlcv }) => {
    const stored = await findStored(ohlcv, { exchange, symbol, sandbox })
    const end = until ?? endOf(stored.filter((one) => one.timeframe !== undefined))
    const newest = floorToTimeframe(end - 1, timeframe) - (last - 1) * timeframeMs(timeframe)
    return new TimeseriesRepository(ohlcv, exchange, symbol, { sandbox }).fetchOhlcv({
      since: since ?? Math.max(0, newest),
      until: end,
      timeframe,
      fill: fill ? 'previous' : 'none',
    })
  })
}

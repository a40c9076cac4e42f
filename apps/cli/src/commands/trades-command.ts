import type { EpochMs, Trade } from '@fullon/market'
import { TradeRepository, toCsv } from '@fullon/ohlcv'
import { type Command, Option } from 'commander'
import { describeCommand } from '../describe-command.js'
import { withStores } from '../open-context.js'
import { parseTime, parseWhole } from '../option-parsers.js'
import { printTable } from '../print-table.js'
import { endOf, findStored, seriesArguments } from '../stored-series.js'

interface Flags {
  readonly last: number
  readonly since?: EpochMs
  readonly until?: EpochMs
  readonly format?: 'table' | 'csv' | 'json'
  readonly sandbox?: boolean
  readonly json?: boolean
}

export function defineTrades(trades: Command): void {
  describeCommand(
    seriesArguments(trades)
      .option('--last <n>', 'the newest; with --since the oldest from then on', parseWhole, 50)
      .option('--since <time>', 'from then on, UTC or such as 12h', parseTime)
      .option('--until <time>', 'before then; only with --since', parseTime)
      .addOption(new Option('--format <format>', 'default: table').choices(['table', 'csv', 'json'])),
    { example: 'trades kraken BTC/USD --last 50' },
  ).action(printTrades)
}

async function printTrades(exchange: string, symbol: string, flags: Flags): Promise<void> {
  const trades = await readTrades(exchange, symbol, flags)
  const format = flags.json ? 'json' : (flags.format ?? 'table')
  if (format === 'json') return console.log(JSON.stringify(trades))
  if (format === 'csv') {
    const columns = ['timestamp', 'id', 'side', 'price', 'amount'] as const
    for await (const text of toCsv([trades], columns)) process.stdout.write(text)
    return
  }
  printTable(
    ['time (UTC)', 'id', 'side', 'price', 'amount'],
    trades.map(({ timestamp, id, side, price, amount }) => [
      new Date(timestamp).toISOString().slice(0, 23).replace('T', ' '),
      id,
      side,
      String(price),
      String(amount),
    ]),
  )
}

function readTrades(
  exchange: string,
  symbol: string,
  { last, since, until, sandbox = false }: Flags,
): Promise<Trade[]> {
  return withStores(async ({ ohlcv }) => {
    const stored = await findStored(ohlcv, { exchange, symbol, sandbox })
    const trades = new TradeRepository(ohlcv, exchange, symbol, { sandbox })
    if (since === undefined) return trades.getRecentTrades(last)
    return trades.getTradesInRange({ since, until: until ?? Math.max(since, endOf(stored)), limit: last })
  })
}

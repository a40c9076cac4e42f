import { ExchangeQueue } from '@fullon/exchange'
import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from './command-error.js'
import { findOrAddAdmin, findOrAddExchange, withDatabase } from './open-context.js'
import { printTable } from './print-table.js'

interface AddOptions {
  readonly backtest: number
  readonly timeframe: string
  readonly json?: boolean
}

export function addSymbolCommand(program: Command): void {
  const symbol = program.command('symbol').description('the symbols to collect')
  symbol
    .command('add')
    .description('collect a symbol; a running service picks it up by itself')
    .argument('<exchange>', 'ccxt id, such as kraken')
    .argument('<symbol>', 'ccxt unified, such as BTC/USD')
    .option('--backtest <days>', 'how far back history is wanted; 0 = from now on', parseDays, 30)
    .option('--timeframe <timeframe>', 'of the candles that are stored', '1m')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  fullon symbol add kraken BTC/USD --backtest 30')
    .action(addSymbol)
  symbol
    .command('list')
    .description('what is configured')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  fullon symbol list --json')
    .action(listSymbols)
}

async function addSymbol(exchange: string, symbol: string, { backtest, timeframe, json }: AddOptions): Promise<void> {
  await using queue = new ExchangeQueue()
  await queue.getHandler(exchange) // refuses an unknown name before anything is written
  const row = await withDatabase(async (db) => {
    const catExId = await findOrAddExchange(db, await findOrAddAdmin(db), exchange)
    const known = await db.symbols.getBySymbol(symbol, { catExId })
    const changes = { updateframe: timeframe, backtest, active: true }
    return known
      ? db.symbols.updateSymbol(known.symbolId, changes)
      : db.symbols.addSymbol({ symbol, catExId, ...changes })
  })
  if (json) console.log(JSON.stringify(row))
  else console.log(`${exchange} ${row.symbol}: ${row.updateframe} candles, ${row.backtest} days back`)
}

async function listSymbols({ json }: { readonly json?: boolean }): Promise<void> {
  const rows = await withDatabase(async (db) => {
    const names = new Map((await db.exchanges.getCatExchanges()).map(({ catExId, name }) => [catExId, name]))
    return (await db.symbols.getAll()).map((row) => ({ exchange: names.get(row.catExId) ?? '?', ...row }))
  })
  if (json) return console.log(JSON.stringify(rows))
  if (rows.length === 0)
    throw new CommandError('no symbols yet (add one: fullon symbol add kraken BTC/USD --backtest 30)')
  printTable(
    ['exchange', 'symbol', 'timeframe', 'backtest', 'active'],
    rows.map(({ exchange, symbol, updateframe, backtest, active }) => [
      exchange,
      symbol,
      updateframe,
      `${backtest} days`,
      active ? 'yes' : 'no',
    ]),
  )
}

function parseDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 0) return days
  throw new InvalidArgumentError(`expected a whole number of days, 0 or more, got ${text}`)
}

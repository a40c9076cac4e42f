import type { ListedSymbol } from '@fullon/exchange'
import type { SymbolRow } from '@fullon/orm'
import { type Command, Option } from 'commander'
import { askExchange } from '../ask-exchange.js'
import { CommandError } from '../command-error.js'
import { findConfigured, listConfigured } from '../configured-symbol.js'
import { describeCommand } from '../describe-command.js'
import { findOrAddAdmin, findOrAddExchange, withDatabase, withExchange } from '../open-context.js'
import { parseTimeframeName, parseWhole, parseYesNo } from '../option-parsers.js'
import { printTable } from '../print-table.js'

interface Json {
  readonly json?: boolean
}

interface SetFlags extends Json {
  readonly backtest?: number
  readonly timeframe?: string
  readonly active?: boolean
}

const ASK_TIMEOUT_MS = 20_000

export function defineSymbol(symbol: Command): void {
  describeCommand(symbol.command('list').description('what is configured'), { example: 'symbol list --json' }).action(
    listSymbols,
  )
  describeCommand(
    named(symbol.command('add').description('collect a symbol; a running service picks it up by itself'))
      .addOption(backtestOption().default(30))
      .addOption(timeframeOption().default('1m'))
      .option('--offline', 'do not ask the exchange whether it lists the symbol'),
    { example: 'symbol add kraken BTC/USD --backtest 30' },
  ).action(addSymbol)
  describeCommand(
    named(symbol.command('set').description('change what is collected of a symbol'))
      .addOption(backtestOption())
      .addOption(timeframeOption())
      .option('--active <yes|no>', 'whether it is collected', parseYesNo),
    { example: 'symbol set kraken BTC/USD --backtest 90' },
  ).action(setSymbol)
  describeCommand(named(symbol.command('remove').description('stop collecting a symbol; what is stored stays')), {
    example: 'symbol remove kraken BTC/USD',
  }).action(removeSymbol)
  describeCommand(
    symbol
      .command('search')
      .description('what an exchange lists now')
      .argument('<exchange>', 'ccxt id, such as kraken')
      .argument('[text]', 'part of the symbol, in any case', ''),
    { example: 'symbol search kraken btc' },
  ).action(searchSymbols)
}

function named(command: Command): Command {
  return command
    .argument('<exchange>', 'ccxt id, such as kraken')
    .argument('<symbol>', 'ccxt unified, such as BTC/USD or BTC/USDT:USDT')
}

function backtestOption(): Option {
  return new Option('--backtest <days>', 'how far back history is wanted; 0 = from now on').argParser(parseWhole)
}

function timeframeOption(): Option {
  return new Option('--timeframe <timeframe>', 'of the candles that are stored').argParser(parseTimeframeName)
}

async function addSymbol(
  exchange: string,
  symbol: string,
  { backtest, timeframe = '1m', offline, json }: SetFlags & { readonly offline?: boolean },
): Promise<void> {
  await withExchange({ exchange }, async (handler) => {
    if (offline) return // the exchange's name is known all the same
    const { active } = await askExchange(exchange, () => handler.getSymbol(symbol, { timeoutMs: ASK_TIMEOUT_MS }))
    if (!active) throw new CommandError(`${exchange} ${symbol}: is listed but not traded any more (--offline adds it)`)
  })
  const row = await withDatabase(async (db) => {
    const catExId = await findOrAddExchange(db, await findOrAddAdmin(db), exchange)
    const known = await db.symbols.getBySymbol(symbol, { catExId })
    const changes = { updateframe: timeframe, ...(backtest === undefined ? {} : { backtest }), active: true }
    return known
      ? db.symbols.updateSymbol(known.symbolId, changes)
      : db.symbols.addSymbol({ symbol, catExId, ...changes })
  })
  printSymbol(exchange, row, json)
}

async function setSymbol(exchange: string, symbol: string, flags: SetFlags): Promise<void> {
  const { backtest, timeframe, active, json } = flags
  const changes = {
    ...(backtest === undefined ? {} : { backtest }),
    ...(timeframe === undefined ? {} : { updateframe: timeframe }),
    ...(active === undefined ? {} : { active }),
  }
  if (Object.keys(changes).length === 0)
    throw new CommandError('symbol set: expected --backtest, --timeframe or --active')
  const row = await withDatabase(async (db) =>
    db.symbols.updateSymbol((await findConfigured(db, exchange, symbol)).symbolId, changes),
  )
  printSymbol(exchange, row, json)
}

async function removeSymbol(exchange: string, symbol: string, { json }: Json): Promise<void> {
  const row = await withDatabase(async (db) => {
    const found = await findConfigured(db, exchange, symbol)
    await db.symbols.removeSymbol(found.symbolId)
    return found
  })
  console.log(json ? JSON.stringify(row) : `${exchange} ${symbol}: removed`)
}

async function searchSymbols(exchange: string, text: string, { json }: Json): Promise<void> {
  const listed = await withExchange({ exchange }, (handler) =>
    askExchange(exchange, () => handler.listSymbols({ timeoutMs: ASK_TIMEOUT_MS })),
  )
  const isMeant = ({ symbol, active }: ListedSymbol) => active && symbol.toLowerCase().includes(text.toLowerCase())
  const found = listed.filter(isMeant).sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
  if (json) return console.log(JSON.stringify(found))
  if (found.length === 0) throw new CommandError(`${exchange}: expected a symbol that contains ${text}, got none`)
  printTable(
    ['symbol', 'base', 'quote', 'type'],
    found.map(({ symbol, base, quote, type }) => [symbol, base, quote, type]),
  )
}

async function listSymbols({ json }: Json): Promise<void> {
  const rows = await withDatabase(listConfigured)
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

function printSymbol(exchange: string, row: SymbolRow, json: boolean | undefined): void {
  const paused = row.active ? '' : ', not collected now'
  const text = `${exchange} ${row.symbol}: ${row.updateframe} candles, ${row.backtest} days back${paused}`
  console.log(json ? JSON.stringify({ exchange, ...row }) : text)
}

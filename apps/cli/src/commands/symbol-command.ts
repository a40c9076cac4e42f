import type { ListedSymbol } from '@fullon/exchange'
import type { DatabaseContext, SymbolRow } from '@fullon/orm'
import { type Command, Option } from 'commander'
import { askExchange } from '../ask-exchange.js'
import { CommandError } from '../command-error.js'
import { findConfigured, listConfigured } from '../configured-symbol.js'
import { describeCommand } from '../describe-command.js'
import { findOrAddAdmin, findOrAddExchange, listOwnExchanges, withDatabase, withExchange } from '../open-context.js'
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

type Lack = 'enable' | 'add'
type Changes = Partial<Pick<SymbolRow, 'updateframe' | 'backtest' | 'active'>>

const ASK_TIMEOUT_MS = 20_000
/** The two or three requests of a list do no harm beside a service. */
const AT_ONCE = 1
/** Of a symbol that is not configured yet; what is, keeps what it has. */
const NEW = { updateframe: '1m', backtest: 30 } as const

export function defineSymbol(symbol: Command): void {
  describeCommand(symbol.command('list').description('what is configured'), { example: 'symbol list --json' }).action(
    listSymbols,
  )
  describeCommand(
    named(symbol.command('add').description('collect a symbol; a running service picks it up by itself'))
      .addOption(backtestOption(`; a new one: ${NEW.backtest}`))
      .addOption(timeframeOption(`; a new one: ${NEW.updateframe}`))
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

function backtestOption(more = ''): Option {
  return new Option('--backtest <days>', `how far back history is wanted; 0 = from now on${more}`).argParser(parseWhole)
}

function timeframeOption(more = ''): Option {
  return new Option('--timeframe <timeframe>', `of the candles that are stored${more}`).argParser(parseTimeframeName)
}

async function addSymbol(
  exchange: string,
  symbol: string,
  { offline, json, ...flags }: SetFlags & { readonly offline?: boolean },
): Promise<void> {
  await withExchange({ exchange, share: AT_ONCE }, async (handler) => {
    if (offline) return // the exchange's name is known all the same
    const { active } = await askExchange(exchange, () => handler.getSymbol(symbol, { timeoutMs: ASK_TIMEOUT_MS }))
    if (!active) throw new CommandError(`${exchange} ${symbol}: is listed but not traded any more (--offline adds it)`)
  })
  const saved = await withDatabase(async (db, { adminMail }) => {
    const catExId = await findOrAddExchange(db, await findOrAddAdmin(db, adminMail), exchange)
    const known = await db.symbols.getBySymbol(symbol, { catExId })
    const changes = { ...changesOf(flags), active: true, onlyTicker: false }
    const row = known
      ? await db.symbols.updateSymbol(known.symbolId, changes)
      : await db.symbols.addSymbol({ symbol, catExId, ...NEW, ...changes })
    return { row, lacks: await lackOf(db, row, adminMail) }
  })
  printSymbol(exchange, saved, json)
}

async function setSymbol(exchange: string, symbol: string, flags: SetFlags): Promise<void> {
  const changes = changesOf(flags)
  if (Object.keys(changes).length === 0)
    throw new CommandError('symbol set: expected --backtest, --timeframe or --active')
  const saved = await withDatabase(async (db, { adminMail }) => {
    const row = await db.symbols.updateSymbol((await findConfigured(db, exchange, symbol)).symbolId, changes)
    return { row, lacks: await lackOf(db, row, adminMail) }
  })
  printSymbol(exchange, saved, flags.json)
}

function changesOf({ backtest, timeframe, active }: SetFlags): Changes {
  return {
    ...(backtest === undefined ? {} : { backtest }),
    ...(timeframe === undefined ? {} : { updateframe: timeframe }),
    ...(active === undefined ? {} : { active }),
  }
}

/** What is to be done with its exchange before an active symbol is collected. */
async function lackOf(db: DatabaseContext, { catExId, active }: SymbolRow, mail?: string): Promise<Lack | undefined> {
  const own = (await listOwnExchanges(db, mail)).filter((one) => one.catExId === catExId)
  if (!active || own.some((one) => one.active)) return undefined
  return own.length > 0 ? 'enable' : 'add'
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
  const listed = await withExchange({ exchange, share: AT_ONCE }, (handler) =>
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

function printSymbol(
  exchange: string,
  { row, lacks }: { readonly row: SymbolRow; readonly lacks: Lack | undefined },
  json: boolean | undefined,
): void {
  if (lacks)
    console.error(
      `fullon: nothing of ${exchange} is collected now (to change that: fullon exchange ${lacks} ${exchange})`,
    )
  const paused = row.active && !lacks ? '' : ', not collected now'
  const text = `${exchange} ${row.symbol}: ${row.updateframe} candles, ${row.backtest} days back${paused}`
  console.log(json ? JSON.stringify({ exchange, ...row }) : text)
}

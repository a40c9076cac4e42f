import { CandleRepository, openOhlcv } from '@fullon/ohlcv'
import type { Command } from 'commander'
import { withDatabase } from './open-context.js'
import { printTable } from './print-table.js'

const DAY_MS = 86_400_000
/** What is newer than this has not settled on the exchange; it is no gap yet. */
const SETTLED_MS = 150_000

interface Gap {
  readonly exchange: string
  readonly symbol: string
  readonly timeframe: string
  readonly since: string
  readonly until: string
  readonly minutes: number
}

export function addGapsCommand(program: Command): void {
  program
    .command('gaps')
    .description('what is wanted and has not been had yet, newest first')
    .option('--confirmed', 'what is not final yet, also where something is stored')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  fullon gaps --json\n\nExit code 0 when there is none, 1 otherwise.')
    .action(printGaps)
}

async function printGaps({
  confirmed,
  json,
}: {
  readonly confirmed?: boolean
  readonly json?: boolean
}): Promise<void> {
  const gaps = await readGaps(confirmed ? 'confirmed' : 'covered')
  if (gaps.length > 0) process.exitCode = 1
  if (json) return console.log(JSON.stringify(gaps))
  if (gaps.length === 0) return console.log('no gaps')
  printTable(
    ['exchange', 'symbol', 'timeframe', 'since', 'until', 'minutes'],
    gaps.map(({ exchange, symbol, timeframe, since, until, minutes }) => [
      exchange,
      symbol,
      timeframe,
      since,
      until,
      String(minutes),
    ]),
  )
}

async function readGaps(strength: 'covered' | 'confirmed'): Promise<Gap[]> {
  return withDatabase(async (db, url) => {
    await using ohlcv = await openOhlcv({ url })
    const gaps: Gap[] = []
    for (const { catExId, name: exchange } of await db.exchanges.getCatExchanges()) {
      for (const { symbol, updateframe: timeframe, backtest } of await db.symbols.getByExchangeId(catExId, {
        active: true,
      })) {
        const candles = new CandleRepository(ohlcv, exchange, symbol, timeframe)
        const until = Date.now() - SETTLED_MS
        for (const gap of await candles.gaps({
          since: Date.now() - Math.max(backtest * DAY_MS, SETTLED_MS),
          until,
          strength,
        })) {
          gaps.push({
            exchange,
            symbol,
            timeframe,
            since: new Date(gap.since).toISOString(),
            until: new Date(gap.until).toISOString(),
            minutes: (gap.until - gap.since) / 60_000,
          })
        }
      }
    }
    return gaps
  })
}

import type { Command } from 'commander'
import { describeCommand } from '../describe-command.js'
import { formatDuration, formatTime } from '../format-time.js'
import { withStores } from '../open-context.js'
import { printTable } from '../print-table.js'
import type { Selection } from '../select-by-name.js'
import { listWanted, seriesOf } from '../wanted-series.js'

interface Flags {
  readonly confirmed?: boolean
  readonly json?: boolean
}

interface Gap {
  readonly exchange: string
  readonly symbol: string
  /** A timeframe, or `trades`. */
  readonly kind: string
  readonly since: string
  readonly until: string
  readonly minutes: number
}

export function defineGaps(gaps: Command): void {
  gaps
    .argument('[exchange]', 'only of this one')
    .argument('[symbol]', 'only of this one')
    .option('--confirmed', 'what is not final yet, also where something is stored')
  describeCommand(gaps, {
    example: 'gaps kraken BTC/USD',
    exit: 'Exit code 0 when there is none, 1 otherwise.',
  }).action((exchange: string | undefined, symbol: string | undefined, flags: Flags) =>
    printGaps({ exchange, symbol }, flags),
  )
}

async function printGaps(selection: Selection, { confirmed, json }: Flags): Promise<void> {
  const gaps = await readGaps(selection, confirmed ? 'confirmed' : 'covered')
  if (gaps.length > 0) process.exitCode = 1
  if (json) return console.log(JSON.stringify(gaps))
  if (gaps.length === 0) return console.log('no gaps')
  printTable(
    ['exchange', 'symbol', 'of', 'since (UTC)', 'until', 'length'],
    gaps.map(({ exchange, symbol, kind, since, until, minutes }) => [
      exchange,
      symbol,
      kind,
      formatTime(Date.parse(since)),
      formatTime(Date.parse(until)),
      formatDuration(minutes * 60_000),
    ]),
  )
}

function readGaps(selection: Selection, strength: 'covered' | 'confirmed'): Promise<Gap[]> {
  return withStores(async ({ db, ohlcv, settings }) => {
    const gaps: Gap[] = []
    for (const wanted of await listWanted(db, selection, settings.adminMail)) {
      for (const { kind, repository, span } of await seriesOf(ohlcv, wanted)) {
        for (const { since, until } of await repository.gaps({ ...span, strength })) {
          gaps.push({
            exchange: wanted.exchange,
            symbol: wanted.symbol,
            kind,
            since: new Date(since).toISOString(),
            until: new Date(until).toISOString(),
            minutes: (until - since) / 60_000,
          })
        }
      }
    }
    return gaps
  })
}

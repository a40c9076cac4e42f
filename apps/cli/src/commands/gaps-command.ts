import { marketOf } from '@fullon/daemon'
import type { Span } from '@fullon/market'
import type { CollectedSymbol } from '@fullon/orm'
import type { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { describeCommand } from '../describe-command.js'
import { formatDuration, formatTime } from '../format-time.js'
import { withStores } from '../open-context.js'
import { printTable } from '../print-table.js'
import { readHttpStatus } from '../read-status.js'
import type { Selection } from '../select-by-name.js'
import { serviceAddress } from '../service-address.js'
import { listWanted, sayInvalid, seriesOf } from '../wanted-series.js'

interface Flags {
  readonly confirmed?: boolean
  readonly url?: string
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

/** The audit has been there before that: it follows the present in steps of an hour. */
const QUIET_MS = 2 * 3_600_000

export function defineGaps(gaps: Command): void {
  gaps
    .argument('[exchange]', 'only of this one')
    .argument('[symbol]', 'only of this one')
    .option('--confirmed', 'what is not final yet, also where something is stored')
    .option('--url <url>', 'of the running service, which knows what is only quiet; default: HTTP_HOST and HTTP_PORT')
  describeCommand(gaps, {
    example: 'gaps kraken BTC/USD',
    exit: [
      'Exit code 0 when there is none, 1 otherwise, also when a symbol is set wrong or nothing is collected.',
      'What a running service does not miss is none: recent minutes without a trade, which its hourly audit confirms.',
    ].join('\n'),
  }).action((exchange: string | undefined, symbol: string | undefined, flags: Flags) =>
    printGaps({ exchange, symbol }, flags),
  )
}

async function printGaps(selection: Selection, { json, ...flags }: Flags): Promise<void> {
  const gaps = await readGaps(selection, flags)
  if (gaps.length > 0) process.exitCode = 1
  if (json) return console.log(JSON.stringify(gaps))
  if (gaps.length === 0) return console.log(process.exitCode ? 'no gaps in what is collected' : 'no gaps')
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

function readGaps(selection: Selection, { confirmed, url }: Flags): Promise<Gap[]> {
  const onInvalid = (symbol: string, err: unknown) => {
    sayInvalid(symbol, err)
    if (selection.symbol === undefined) process.exitCode = 1
  }
  return withStores(async ({ db, ohlcv, settings }) => {
    const gaps: Gap[] = []
    const all = await listWanted(db, selection, settings.adminMail, onInvalid)
    if (all.length === 0)
      throw new CommandError('nothing is collected (see: fullon symbol list; does ADMIN_MAIL name the right user?)')
    const isAtRest = confirmed ? () => false : await readAtRest(url ?? serviceAddress(settings))
    for (const wanted of all) {
      for (const { kind, repository, span } of await seriesOf(ohlcv, wanted)) {
        const found = await repository.gaps({ ...span, strength: confirmed ? 'confirmed' : 'covered' })
        const isQuiet = ({ since }: Span) => since >= span.until - QUIET_MS && isAtRest(wanted, kind)
        for (const { since, until } of found.filter((gap) => !isQuiet(gap))) {
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

/** Of which series a running service lacks nothing; of none where there is no service. */
async function readAtRest(url: string): Promise<(wanted: CollectedSymbol, kind: string) => boolean> {
  const { series } = await readHttpStatus(url).catch(() => ({ series: [] }))
  const names = new Set(
    series.filter(({ gaps, doing }) => gaps === 0 && doing.startsWith('idle')).map(({ name }) => name),
  )
  return (wanted, kind) => names.has(`${marketOf(wanted)} ${wanted.symbol} ${kind === 'trades' ? 'trades' : 'candles'}`)
}

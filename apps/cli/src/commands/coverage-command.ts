import type { Span } from '@fullon/market'
import { type Coverage, listSeries } from '@fullon/ohlcv'
import type { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { drawCalendar, drawLegend, extentOf, listDays } from '../coverage-calendar.js'
import { describeCommand } from '../describe-command.js'
import { formatTime } from '../format-time.js'
import { type Stores, withStores } from '../open-context.js'
import { hasColour } from '../paint.js'
import { type Selection, selectByName } from '../select-by-name.js'
import { listWanted, seriesOf } from '../wanted-series.js'

interface Known {
  readonly exchange: string
  readonly symbol: string
  readonly sandbox: boolean
  /** A timeframe, or `trades`. */
  readonly kind: string
  readonly coverage: Coverage
  /** What is looked at. */
  readonly span: Span
}

export function defineCoverage(coverage: Command): void {
  coverage.argument('[exchange]', 'only of this one').argument('[symbol]', 'only of this one')
  describeCommand(coverage, { example: 'coverage kraken BTC/USD' }).action(
    (exchange: string | undefined, symbol: string | undefined, { json }: { readonly json?: boolean }) =>
      printCoverage({ exchange, symbol }, json),
  )
}

async function printCoverage(selection: Selection, json: boolean | undefined): Promise<void> {
  const known = await withStores(async (stores) => selectByName(await listKnown(stores), selection))
  if (json) {
    const withDays = known.map(({ span, coverage, ...one }) => ({
      ...one,
      days: listDays(coverage, span),
      ...coverage,
    }))
    return console.log(JSON.stringify(withDays))
  }
  if (known.length === 0) throw new CommandError('nothing is wanted or stored yet (see: fullon symbol add --help)')
  const colour = hasColour()
  for (const { exchange, symbol, sandbox, kind, coverage, span } of known) {
    console.log(`${exchange} ${symbol} ${kind}${sandbox ? ' (sandbox)' : ''}`)
    for (const line of drawCalendar(listDays(coverage, span), { colour })) console.log(`  ${line}`)
    for (const { since, until, reason } of coverage.unavailable)
      console.log(`  unavailable ${formatTime(since)} to ${formatTime(until)}: ${reason}`)
    console.log('')
  }
  console.log(drawLegend({ colour }))
}

/** What is wanted, with what there is of it; then what is stored and not wanted any more. */
async function listKnown({ db, ohlcv, settings }: Stores): Promise<Known[]> {
  const known = new Map<string, Known>()
  const add = (one: Known) => {
    const key = JSON.stringify([one.exchange, one.sandbox, one.symbol, one.kind])
    if (!known.has(key)) known.set(key, one)
  }
  for (const wanted of await listWanted(db, {}, settings.adminMail)) {
    const { exchange, symbol, sandbox } = wanted
    for (const { kind, repository, span } of await seriesOf(ohlcv, wanted)) {
      const coverage = await repository.coverage()
      add({ exchange, symbol, sandbox, kind, coverage, span: hullOf(span, extentOf(coverage)) })
    }
  }
  for (const { exchange, symbol, sandbox, timeframe = 'trades', ...coverage } of await listSeries(ohlcv)) {
    const span = extentOf(coverage)
    if (span) add({ exchange, symbol, sandbox, kind: timeframe, coverage, span })
  }
  return [...known.values()]
}

function hullOf(a: Span, b: Span = a): Span {
  return { since: Math.min(a.since, b.since), until: Math.max(a.until, b.until) }
}

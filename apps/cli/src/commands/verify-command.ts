import type { Candle, EpochMs, Trade } from '@fullon/market'
import type { Difference } from '@fullon/ohlcv'
import type { Command } from 'commander'
import { askExchange } from '../ask-exchange.js'
import { describeCommand } from '../describe-command.js'
import { formatDuration, formatTime } from '../format-time.js'
import { withExchange, withStores } from '../open-context.js'
import { parseTime } from '../option-parsers.js'
import { printTable } from '../print-table.js'
import { ProgressBar } from '../progress-bar.js'
import { candlesOf, finalUntil, tradesOf, type Verified, verifySeries } from '../verify-series.js'
import { findWanted } from '../wanted-series.js'

interface Flags {
  readonly since: EpochMs
  readonly until?: EpochMs
  readonly trades?: boolean
  readonly repair?: boolean
  readonly json?: boolean
}

/** Of these the first are printed; JSON has all. */
const MOST_PRINTED = 50

export function defineVerify(verify: Command): void {
  verify
    .argument('<exchange>', 'ccxt id, such as kraken')
    .argument('<symbol>', 'ccxt unified, such as BTC/USD')
    .requiredOption('--since <time>', 'from then on, UTC or such as 12h', parseTime)
    .option('--until <time>', 'before then; default: as far as answers are final', parseTime)
    .option('--trades', 'the trades instead of the candles')
    .option('--repair', 'store what the exchange says now')
  describeCommand(verify, {
    example: 'verify kraken BTC/USD --since 12h --repair',
    exit: 'Exit code 0 when nothing differs, or all that did was repaired; 1 otherwise, also where there is nothing to compare.',
  }).action(verifySymbol)
}

async function verifySymbol(exchange: string, symbol: string, flags: Flags): Promise<void> {
  const { since, until, trades, repair = false, json } = flags
  const bar = new ProgressBar(process.stderr, `asking ${exchange} again`)
  const result = await withStores(async ({ db, ohlcv, settings }) => {
    const wanted = await findWanted(db, { exchange, symbol }, settings.adminMail)
    return withExchange(wanted, (handler) =>
      askExchange<Verified<Candle | Trade>>(exchange, async () => {
        await handler.getSymbol(symbol) // and with the answer the exchange's time
        const final = finalUntil(handler, wanted)
        const onProgress = json ? undefined : (done: number) => bar.draw(done)
        const options = { since, until: Math.min(until ?? final, final), repair, ...(onProgress && { onProgress }) }
        return trades
          ? verifySeries(tradesOf(ohlcv, handler, wanted), options)
          : verifySeries(candlesOf(ohlcv, handler, wanted), options)
      }),
    )
  })
  if (result.askedMs === 0 || (result.differences.length > 0 && !repair)) process.exitCode = 1
  if (json) return console.log(JSON.stringify({ exchange, symbol, ...result, repaired: repair }))
  bar.end()
  printResult(result, repair)
}

function printResult(
  { rows, askedMs, differences, notAsked, reasons }: Verified<Candle | Trade>,
  repair: boolean,
): void {
  if (differences.length > 0) {
    printTable(['time (UTC)', 'stored', 'published'], differences.slice(0, MOST_PRINTED).map(rowOf))
    if (differences.length > MOST_PRINTED)
      console.log(`… and ${differences.length - MOST_PRINTED} more (--json has all)`)
  }
  for (const { since, until } of notAsked) {
    const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : ''
    console.log(`not asked again: ${formatTime(since)}, ${formatDuration(until - since)}${why}`)
  }
  const outcome = differences.length === 0 ? 'none different' : `${differences.length} different`
  const nothing = notAsked.length > 0 ? 'none of it is to be had again' : 'nothing is stored of then'
  console.log(
    askedMs === 0
      ? `nothing verified: ${nothing}`
      : `${rows} rows asked for again: ${outcome}${repair && differences.length > 0 ? ', repaired' : ''}`,
  )
}

function rowOf({ stored, published }: Difference<Candle | Trade>): string[] {
  return [formatTime((stored ?? published)?.timestamp), textOf(stored), textOf(published)]
}

function textOf(row: Candle | Trade | undefined): string {
  if (!row) return '-'
  return 'open' in row
    ? [row.open, row.high, row.low, row.close, row.volume].join(' ')
    : [row.id, row.side, row.price, row.amount].join(' ')
}

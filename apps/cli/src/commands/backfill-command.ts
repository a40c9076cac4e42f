import { setTimeout as delay } from 'node:timers/promises'
import { openCache } from '@fullon/cache'
import { ExchangeQueue } from '@fullon/exchange'
import { configureLogger, getComponentLogger } from '@fullon/log'
import { type EpochMs, type Span, spansLengthMs, systemClock } from '@fullon/market'
import { runSymbol } from '@fullon/ohlcv-service'
import type { CollectedSymbol } from '@fullon/orm'
import type { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { findConfigured } from '../configured-symbol.js'
import { describeCommand } from '../describe-command.js'
import { formatDuration, formatTime } from '../format-time.js'
import { COMMAND_SHARE, type Stores, withStores } from '../open-context.js'
import { parseShare, parseTime } from '../option-parsers.js'
import { ProgressBar } from '../progress-bar.js'
import { findWanted, seriesOf } from '../wanted-series.js'

interface Flags {
  readonly since: EpochMs
  readonly share: number
  readonly json?: boolean
}

interface Result {
  readonly exchange: string
  readonly symbol: string
  readonly backtestDays: number
  readonly rows: number
  readonly unavailable: readonly (Span & { readonly reason: string })[]
}

const DAY_MS = 86_400_000
const LOOK_EVERY_MS = 500
const AUDIT_EVERY_MS = 3_600_000

export function defineBackfill(backfill: Command): void {
  backfill
    .argument('<exchange>', 'ccxt id, such as kraken')
    .argument('<symbol>', 'ccxt unified, such as BTC/USD')
    .requiredOption('--since <time>', 'from then on, UTC or such as 90d', parseTime)
    .option(
      '--share <part>',
      "of the exchange's limit; 1 where no service runs behind the same address",
      parseShare,
      COMMAND_SHARE,
    )
  describeCommand(backfill, {
    example: 'backfill kraken BTC/USD --since 2026-01-01',
    exit: 'Interrupted, it keeps what it has; started again, it goes on there.',
  }).action(backfillSymbol)
}

async function backfillSymbol(exchange: string, symbol: string, { since, share, json }: Flags): Promise<void> {
  configureLogger({ destination: { write() {} } }) // what the collectors have to say is in the bar
  const bar = new ProgressBar(process.stderr, `${exchange} ${symbol}`)
  const result = await withStores(async (stores) => {
    const { db, settings } = stores
    const { symbolId } = await findConfigured(db, exchange, symbol)
    const configured = await findWanted(db, { exchange, symbol }, settings.adminMail)
    const backtestMs = Math.max(configured.backtestMs, Math.ceil((Date.now() - since) / DAY_MS) * DAY_MS)
    const [wanted, backtestDays] = [{ ...configured, backtestMs }, backtestMs / DAY_MS]
    for (const { repository } of await seriesOf(stores.ohlcv, wanted)) await repository.clearUnavailable()
    const rows = await fill(stores, wanted, { since, share, bar })
    await db.symbols.updateSymbol(symbolId, { backtest: backtestDays })
    return { exchange, symbol, backtestDays, rows, unavailable: await unavailableOf(stores, wanted) }
  })
  if (json) console.log(JSON.stringify(result))
  else print(result)
}

/** Collects as the service does, until nothing is missing since then; how many rows that brought. */
async function fill(
  { ohlcv, settings }: Stores,
  wanted: CollectedSymbol,
  { since, share, bar }: { readonly since: EpochMs; readonly share: number; readonly bar: ProgressBar },
): Promise<number> {
  const { ccxtOptions = {} } = settings
  await using queue = new ExchangeQueue({ ccxtOptions, share })
  await using cache = await openCache()
  const log = getComponentLogger('fullon.cli')
  const parts = { ohlcv, cache, queue, clock: systemClock, random: Math.random, log, auditEveryMs: AUDIT_EVERY_MS }
  const series = await seriesOf(ohlcv, wanted)
  const missingMs = async () => {
    const gaps = series.map(({ repository, span: { until, ...span } }) =>
      repository.gaps({ since: Math.min(until, Math.max(since, span.since)), until }),
    )
    return (await Promise.all(gaps)).reduce((sum, some) => sum + spansLengthMs(some), 0)
  }
  const total = await missingMs()
  const stopping = stopOnSignal()
  const running = runSymbol(parts, wanted)
  try {
    for (let left = total; left > 0; left = await missingMs()) {
      bar.draw(1 - left / total, running.status.find(({ error }) => error !== undefined)?.error)
      await delay(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {})
      if (stopping.aborted)
        throw new CommandError('stopped; what was had is stored, run it again to go on', { exitCode: 130 })
    }
    bar.draw(1)
    return running.status.reduce((sum, { rows }) => sum + rows, 0)
  } finally {
    bar.end()
    running.stopping.abort()
    await running.ended
  }
}

function stopOnSignal(): AbortSignal {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  return stopping.signal
}

async function unavailableOf({ ohlcv }: Stores, wanted: CollectedSymbol): Promise<Result['unavailable']> {
  const coverages = await Promise.all((await seriesOf(ohlcv, wanted)).map(({ repository }) => repository.coverage()))
  return coverages.flatMap(({ unavailable }) => unavailable)
}

function print({ exchange, symbol, backtestDays, rows, unavailable }: Result): void {
  console.log(`${exchange} ${symbol}: ${rows} rows stored; wanted from now on: ${backtestDays} days back`)
  for (const { since, until, reason } of unavailable)
    console.log(`unavailable: ${formatTime(since)}, ${formatDuration(until - since)} (${reason})`)
}

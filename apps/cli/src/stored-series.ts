import type { EpochMs } from '@fullon/market'
import { listSeries, type OhlcvDatabase, type StoredSeries } from '@fullon/ohlcv'
import type { Command } from 'commander'
import { selectByName } from './select-by-name.js'

export interface SeriesName {
  readonly exchange: string
  readonly symbol: string
  readonly sandbox?: boolean | undefined
}

/** The arguments and option that name what is stored. */
export function seriesArguments(command: Command): Command {
  return command
    .argument('<exchange>', 'ccxt id, such as kraken')
    .argument('<symbol>', 'ccxt unified, such as BTC/USD')
    .option('--sandbox', "what the exchange's test environment published")
}

/**
 * Every series that is stored of a symbol: candles by timeframe, and trades.
 *
 * @throws CommandError that names the nearest one where there is none
 */
export async function findStored(
  ohlcv: OhlcvDatabase,
  { exchange, symbol, sandbox = false }: SeriesName,
): Promise<StoredSeries[]> {
  const stored = (await listSeries(ohlcv)).filter((one) => one.sandbox === sandbox)
  return selectByName(stored, { exchange, symbol })
}

/** Up to when something is stored. */
export function endOf(series: readonly StoredSeries[]): EpochMs {
  return Math.max(0, ...series.map(({ covered }) => covered.at(-1)?.until ?? 0))
}

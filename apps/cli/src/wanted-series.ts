import { messageOf } from '@fullon/daemon'
import { floorToTimeframe, type Span } from '@fullon/market'
import { CandleRepository, findWantedSince, type OhlcvDatabase, TradeRepository } from '@fullon/ohlcv'
import type { CollectedSymbol, DatabaseContext } from '@fullon/orm'
import { type Selection, selectByName } from './select-by-name.js'

/** What is newer than this has not settled on the exchange; it is no gap yet. */
const SETTLED_MS = 150_000

/**
 * What is collected, as the service reads it.
 *
 * @param onInvalid is told of a symbol that is set wrong, and so not collected; by default it is said on stderr
 * @throws CommandError that names the nearest one where nothing of that name is collected
 */
export async function listWanted(
  db: DatabaseContext,
  selection: Selection,
  adminMail: string | undefined,
  onInvalid: (symbol: string, err: unknown) => void = sayInvalid,
): Promise<CollectedSymbol[]> {
  const uid = await db.users.getCollectorId(adminMail)
  return selectByName(uid === undefined ? [] : await db.symbols.getCollected(uid, { onInvalid }), selection)
}

export function sayInvalid(symbol: string, err: unknown): void {
  console.error(`fullon: ${symbol} is not collected: ${messageOf(err)}`)
}

/** @throws CommandError that names the nearest one where it is not collected */
export async function findWanted(
  db: DatabaseContext,
  selection: Required<Selection>,
  adminMail: string | undefined,
): Promise<CollectedSymbol> {
  const [found] = await listWanted(db, selection, adminMail)
  return found as CollectedSymbol // cast: else it has thrown
}

export interface WantedSeries {
  /** A timeframe, or `trades`. */
  readonly kind: string
  readonly repository: CandleRepository | TradeRepository
  /** From when to when it is wanted now. */
  readonly span: Span
}

/** What is collected of a symbol: its candles, and its trades where they are wanted for themselves. */
export async function seriesOf(ohlcv: OhlcvDatabase, wanted: CollectedSymbol): Promise<WantedSeries[]> {
  const { exchange, symbol, sandbox, timeframe, backtestMs, keepCandlesMs, keepTradesMs } = wanted
  const now = Date.now()
  const candles = new CandleRepository(ohlcv, exchange, symbol, timeframe, { sandbox })
  const until = floorToTimeframe(now - SETTLED_MS, timeframe)
  const since = Math.min(until, await findWantedSince(candles, { now, backtestMs, keepMs: keepCandlesMs }))
  const series = { kind: timeframe, repository: candles, span: { since, until } }
  if (wanted.trades !== 'on') return [series]
  const repository = new TradeRepository(ohlcv, exchange, symbol, { sandbox })
  return [series, { kind: 'trades', repository, span: { since: Math.max(since, now - keepTradesMs), until } }]
}

import type { Candle } from '@fullon/market'
import { parseJson } from './parse-json.js'
import { type CandleRow, toCandle } from './rows.js'

/** What happened to the candles of a series since the last time. */
export interface CandleChanges {
  /** Closed ones, ascending, each as it was published last. */
  readonly candles: readonly Candle[]
  readonly forming?: Candle
  /** There may have been more: read the newest candles (again). True the first time. */
  readonly missed: boolean
}

interface Message {
  readonly candles?: readonly CandleRow[]
  readonly forming?: CandleRow
}

/** JSON `{ candles?: row[], forming?: row }`; what is given is JSON already. */
export function stringifyChange(rows: readonly string[], forming: string | undefined): string {
  const candles = rows.length > 0 ? [`"candles":[${rows.join(',')}]`] : []
  const current = forming ? [`"forming":${forming}`] : []
  return `{${[...candles, ...current].join(',')}}`
}

/**
 * Any number of messages in one: only the last of each candle counts.
 *
 * @throws CacheError `INVALID`
 */
export function mergeChanges(messages: readonly string[], channel: string): Omit<CandleChanges, 'missed'> {
  const changes = messages.map((text) => parseJson(text, channel) as Message) // cast: as written
  const rows = changes.flatMap(({ candles = [] }) => candles)
  const candles = [...new Map(rows.map((row) => [row[0], toCandle(row)])).values()].sort(byTime)
  const formingRow = changes.findLast(({ forming }) => forming)?.forming
  const newest = candles.at(-1)
  if (!formingRow || (newest && newest.timestamp >= formingRow[0])) return { candles }
  return { candles, forming: toCandle(formingRow) }
}

function byTime(a: Candle, b: Candle): number {
  return a.timestamp - b.timestamp
}

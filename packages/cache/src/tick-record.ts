import type { Tick } from '@fullon/market'
import type { TickSeries } from './keys.js'
import { invalid, parseJson } from './parse-json.js'

/** The stored JSON, with the names of Python's fullon_cache, which may leave out or null what is not known. */
interface TickRecord {
  readonly symbol: string
  readonly exchange: string
  /** The last, again. */
  readonly price: number
  readonly last: number
  readonly bid?: number | undefined
  readonly ask?: number | undefined
  readonly volume?: number | undefined
  /** Seconds since 1970, with fractions. */
  readonly time: number
}

export function stringifyTick({ exchange, symbol }: TickSeries, { timestamp, last, bid, ask, volume }: Tick): string {
  const record: TickRecord = { symbol, exchange, price: last, last, bid, ask, volume, time: timestamp / 1_000 }
  return JSON.stringify(record)
}

/** @throws CacheError `INVALID` when what is found at `where` has no price or no time. */
export function parseTick(text: string, where: string): Tick {
  const value = parseJson(text, where)
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {} // cast: checked below
  const [last, time] = [numberOf(record.last) ?? numberOf(record.price), numberOf(record.time)]
  if (last === undefined || time === undefined) throw invalid('the JSON of a tick', text, where)
  const [bid, ask, volume] = [numberOf(record.bid), numberOf(record.ask), numberOf(record.volume)]
  return {
    timestamp: Math.round(time * 1_000),
    last,
    ...(bid === undefined ? {} : { bid }),
    ...(ask === undefined ? {} : { ask }),
    ...(volume === undefined ? {} : { volume }),
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

import type { EpochMs } from '@fullon/market'
import { invalid, parseJson } from './parse-json.js'
import { toIsoTime } from './process-record.js'

/** A message to every process of a type. */
export interface Broadcast {
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
  readonly timestamp: EpochMs
}

export interface Broadcasts {
  /** In the order of sending. */
  readonly broadcasts: readonly Broadcast[]
  /** There may have been others. True the first time. */
  readonly missed: boolean
}

/** JSON `{ message, data, timestamp }` with an ISO time, as Python's fullon_cache sends. */
export function stringifyBroadcast({ message, data, timestamp }: Broadcast): string {
  return JSON.stringify({ message, data, timestamp: toIsoTime(timestamp) })
}

/** @throws CacheError `INVALID` */
export function parseBroadcast(text: string, channel: string): Broadcast {
  const value = parseJson(text, channel)
  const { message, data, timestamp } = typeof value === 'object' && value !== null ? (value as Partial<Broadcast>) : {}
  const time = Date.parse(String(timestamp))
  if (typeof message !== 'string' || typeof data !== 'object' || data === null || Number.isNaN(time))
    throw invalid('the JSON of a broadcast', text, channel)
  return { message, data, timestamp: time }
}

import type { Trade } from './records.js'

/**
 * Order of trades: by time, then by id. Ids that are numbers compare as numbers, however long;
 * the storage orders by length and then text, which is the same.
 */
export function compareTrades(a: Trade, b: Trade): number {
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp
  if (a.id.length !== b.id.length) return a.id.length - b.id.length
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

import { gunzipSync } from 'node:zlib'
import type { Trade } from '@fullon/market'
import { SimulatorError } from './errors.js'

/**
 * Trades of a recording: JSON `[[timestamp, id, type, side, price, amount, cost], …]`, ascending, plain or
 * gzip (freqtrade writes such files); `type` and `cost` are not looked at.
 *
 * @throws SimulatorError `BAD_RECORDING`, quoting the first row that is wrong.
 */
export function parseRecording(bytes: Uint8Array): Trade[] {
  const rows = parseJson(bytes)
  if (!Array.isArray(rows)) throw bad(`expected an array of rows, got ${quote(rows)}`)
  let previous = Number.NEGATIVE_INFINITY
  return rows.map((row: unknown, index) => {
    const trade = parseRow(row, index)
    if (trade.timestamp < previous)
      throw bad(`row ${index}: expected a timestamp of at least ${previous}, got ${quote(row)}`)
    previous = trade.timestamp
    return trade
  })
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return JSON.parse(new TextDecoder().decode(isGzip ? gunzipSync(bytes) : bytes))
  } catch (cause) {
    throw bad('expected JSON, plain or gzip', { cause })
  }
}

function parseRow(row: unknown, index: number): Trade {
  if (!Array.isArray(row)) throw bad(`row ${index}: expected an array, got ${quote(row)}`)
  const [timestamp, id, , side, price, amount]: unknown[] = row
  const expected = (what: string): SimulatorError => bad(`row ${index}: expected ${what}, got ${quote(row)}`)
  if (!Number.isSafeInteger(timestamp)) throw expected('a timestamp in epoch milliseconds first')
  if (typeof id !== 'string' || id === '') throw expected('an id, a string, second')
  if (side !== 'buy' && side !== 'sell') throw expected('a side, buy or sell, fourth')
  if (!isPositive(price)) throw expected('a price above 0 fifth')
  if (!isPositive(amount)) throw expected('an amount above 0 sixth')
  return { timestamp: Number(timestamp), id, side, price, amount }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200)
}

function bad(message: string, options?: ErrorOptions): SimulatorError {
  return new SimulatorError('BAD_RECORDING', `recording: ${message}`, options)
}

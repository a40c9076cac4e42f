import type { Candle, EpochMs } from '@fullon/market'
import { unzipSync } from 'fflate'
import { SimulatorError } from './errors.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * The minutes of one day from a zip with one CSV, named `yyyymmdd_…`, of lines
 * `ms since midnight UTC, open, high, low, close, volume`: QuantConnect Lean keeps crypto so. A minute without a
 * trade has no line.
 *
 * @throws SimulatorError `BAD_RECORDING`, quoting the first line that is wrong.
 */
export function parseMinuteRecording(bytes: Uint8Array): Candle[] {
  const [name, text] = unzipOnly(bytes)
  const day = parseDay(name)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  let previous = -1
  return lines.map((line, index) => {
    const candle = parseLine(line, index, day)
    if (candle.timestamp <= previous) throw bad(`line ${index + 1}: expected a time after the line before, got ${line}`)
    previous = candle.timestamp
    return candle
  })
}

function unzipOnly(bytes: Uint8Array): [name: string, text: string] {
  let files: [string, Uint8Array][]
  try {
    files = Object.entries(unzipSync(bytes))
  } catch (cause) {
    throw bad('expected a zip', { cause })
  }
  const [file] = files
  if (!file || files.length > 1) throw bad(`expected one file in the zip, got ${files.length}`)
  return [file[0], new TextDecoder().decode(file[1])]
}

function parseDay(name: string): EpochMs {
  const [, year, month, day] = /(\d{4})(\d{2})(\d{2})_[^/]*$/.exec(name) ?? []
  const time = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  if (!Number.isFinite(time)) throw bad(`expected a name such as 20180404_btcusd_minute_trade.csv, got ${name}`)
  return time
}

function parseLine(line: string, index: number, day: EpochMs): Candle {
  const fields = line.trim().split(',')
  const numbers = fields.map((field) => (field.trim() === '' ? Number.NaN : Number(field)))
  const [offset, open, high, low, close, volume] = numbers
  const isWhole = numbers.length === 6 && numbers.every((number) => Number.isFinite(number) && number >= 0)
  if (!isWhole || offset === undefined || offset % MINUTE_MS !== 0 || offset >= DAY_MS) {
    throw bad(`line ${index + 1}: expected ms since midnight, open, high, low, close, volume, got ${line}`)
  }
  // Cast: six numbers, as was just seen.
  const prices = { open, high, low, close, volume } as Omit<Candle, 'timestamp'>
  return { timestamp: day + offset, ...prices }
}

function bad(message: string, options?: ErrorOptions): SimulatorError {
  return new SimulatorError('BAD_RECORDING', `recording: ${message}`, options)
}

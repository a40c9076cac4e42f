import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import postgres from 'postgres'
import { CommandError } from '../command-error.js'

export interface FileComparison {
  readonly rows: number
  /** Rows of the file that are not stored so, and stored ones that the file does not have. */
  readonly different: number
}

/** Compares the stored candles, all of one series, with a CSV: `timestamp,open,high,low,close,volume` and a head line. */
export async function compareWithFile(url: string, file: string): Promise<FileComparison> {
  const expected = new Map(readRows(file).map((row) => [row[0], row]))
  const sql = postgres(url, { max: 1 })
  try {
    const stored = await sql<{ row: number[] }[]>`
      select array[extract(epoch from "timestamp") * 1000, open, high, low, close, volume]::float8[] as row from ohlcv.candles`
    const same = stored.filter(({ row }) => isSame(row, expected.get(row[0] ?? Number.NaN))).length
    return { rows: expected.size, different: expected.size - same + (stored.length - same) }
  } finally {
    await sql.end()
  }
}

function readRows(file: string): number[][] {
  try {
    const bytes = readFileSync(file)
    const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
    return text
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',').map(Number))
  } catch (cause) {
    throw new CommandError(`demo: cannot read the expected candles ${file}`, { cause })
  }
}

/** Prices to the last bit; volumes are sums and may differ in the order of adding. */
function isSame(stored: readonly number[], expected: readonly number[] | undefined): boolean {
  if (expected === undefined) return false
  const [storedVolume = Number.NaN, expectedVolume = Number.NaN] = [stored[5], expected[5]]
  return (
    stored.slice(0, 5).every((value, index) => value === expected[index]) &&
    Math.abs(storedVolume - expectedVolume) <= 1e-9 * expectedVolume
  )
}

import type { EpochMs } from '@fullon/market'
import type { BasicType } from 'hyparquet-writer'
import { CommandError } from './command-error.js'

/** Rows that are compressed and indexed together; a reader skips the others. */
const GROUP_ROWS = 100_000

const TYPES = {
  timestamp: 'TIMESTAMP',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  volume: 'DOUBLE',
  id: 'STRING',
  side: 'STRING',
  price: 'DOUBLE',
  amount: 'DOUBLE',
} as const satisfies Readonly<Record<string, BasicType>>

export type ParquetColumn = keyof typeof TYPES

/**
 * Writes arrays of rows into a Parquet file; `timestamp` becomes a UTC timestamp in milliseconds.
 *
 * @returns how many rows.
 */
export async function writeParquet<Row extends { readonly timestamp: EpochMs }>(
  file: string,
  arrays: AsyncIterable<readonly Row[]>,
  columns: readonly (ParquetColumn & keyof Row)[],
): Promise<number> {
  const { ParquetWriter, schemaFromColumnData, fileWriter } = await loadWriter()
  const toColumns = (rows: readonly Row[]) =>
    columns.map((name) => ({
      name,
      type: TYPES[name],
      nullable: false,
      data: name === 'timestamp' ? rows.map((row) => new Date(row.timestamp)) : rows.map((row) => row[name]),
    }))
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: schemaFromColumnData({ columnData: toColumns([]) }),
  })
  let waiting: Row[] = []
  let count = 0
  const flush = async () => {
    if (waiting.length > 0) await writer.write({ columnData: toColumns(waiting), rowGroupSize: GROUP_ROWS })
    count += waiting.length
    waiting = []
  }
  for await (const rows of arrays) {
    waiting.push(...rows)
    if (waiting.length >= GROUP_ROWS) await flush()
  }
  await flush()
  await writer.finish()
  return count
}

async function loadWriter(): Promise<typeof import('hyparquet-writer')> {
  try {
    return await import('hyparquet-writer')
  } catch (cause) {
    throw new CommandError('export: Parquet needs the package hyparquet-writer (npm install hyparquet-writer)', {
      cause,
    })
  }
}

import type { EpochMs } from '@fullon/market'
import { BinaryWriter } from './binary-writer.js'

// Arrays as parameters in binary form: pg sends a Buffer as it is.

/** https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat */
const OIDS = { int4: 23, float8: 701, text: 25, time: 1184 } as const

export function int4Array(values: readonly number[]): Buffer {
  return arrayOf(OIDS.int4, values, (writer, value) => writer.int4(value))
}

export function float8Array(values: readonly number[]): Buffer {
  return arrayOf(OIDS.float8, values, (writer, value) => writer.float8(value))
}

export function timeArray(times: readonly EpochMs[]): Buffer {
  return arrayOf(OIDS.time, times, (writer, time) => writer.time(time))
}

export function textArray(texts: readonly string[]): Buffer {
  return arrayOf(OIDS.text, texts, (writer, text) => writer.text(text))
}

/** One dimension from 1 on, or none when it is empty; without nulls. */
function arrayOf<Value>(oid: number, values: readonly Value[], write: (writer: BinaryWriter, value: Value) => void) {
  const writer = new BinaryWriter(20 + 12 * values.length)
  const header = values.length > 0 ? [1, 0, oid, values.length, 1] : [0, 0, oid]
  const bytes = Buffer.allocUnsafe(4 * header.length)
  header.forEach((field, index) => {
    bytes.writeInt32BE(field, 4 * index)
  })
  writer.bytes(bytes)
  for (const value of values) write(writer, value)
  return writer.take()
}

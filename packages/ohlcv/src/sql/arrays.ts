import type { EpochMs } from '@fullon/market'
import { BinaryWriter } from './binary-writer.js'

// Arrays as parameters in binary form: pg sends a Buffer as it is.

/** https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat */
const OIDS = { int4: 23, float8: 701, text: 25, time: 1184 } as const

/** A value of each item. */
type ValueOf<Item, Value> = (item: Item, index: number) => Value

export function int4Array<Item>(items: readonly Item[], numberOf: ValueOf<Item, number>): Buffer {
  return arrayOf(OIDS.int4, items, (writer, item, index) => writer.int4(numberOf(item, index)))
}

export function float8Array<Item>(items: readonly Item[], numberOf: ValueOf<Item, number>): Buffer {
  return arrayOf(OIDS.float8, items, (writer, item, index) => writer.float8(numberOf(item, index)))
}

export function timeArray<Item>(items: readonly Item[], timeOf: ValueOf<Item, EpochMs>): Buffer {
  return arrayOf(OIDS.time, items, (writer, item, index) => writer.time(timeOf(item, index)))
}

export function textArray<Item>(items: readonly Item[], textOf: ValueOf<Item, string>): Buffer {
  return arrayOf(OIDS.text, items, (writer, item, index) => writer.text(textOf(item, index)))
}

/** One dimension from 1 on, or none when it is empty; without nulls. */
function arrayOf<Item>(
  oid: number,
  items: readonly Item[],
  write: (writer: BinaryWriter, item: Item, index: number) => void,
): Buffer {
  const writer = new BinaryWriter(20 + 12 * items.length)
  const header = items.length > 0 ? [1, 0, oid, items.length, 1] : [0, 0, oid]
  const bytes = Buffer.allocUnsafe(4 * header.length)
  header.forEach((field, index) => {
    bytes.writeInt32BE(field, 4 * index)
  })
  writer.bytes(bytes)
  let index = 0
  for (const item of items) write(writer, item, index++)
  return writer.take()
}

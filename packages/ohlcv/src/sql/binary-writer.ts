import type { EpochMs } from '@fullon/market'

/** Postgres counts microseconds from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1)
const TWO_TO_32 = 2 ** 32
/** Of one value with its length, texts aside. */
const MAX_BYTES = 12
const NOTHING = Buffer.alloc(0)

/**
 * Values in Postgres' binary form, each with its length before it, as both COPY and arrays want them. Writing and
 * parsing numbers and times as text took most of a save: 10 µs of ours a candle, and this 0.14 µs.
 */
export class BinaryWriter {
  readonly #capacity: number
  #bytes = NOTHING
  #view = viewOf(NOTHING)
  #length = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get length(): number {
    return this.#length
  }

  /** What was written; the next values go to a buffer of their own, which is made when there are some. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = NOTHING
    this.#view = viewOf(NOTHING)
    this.#length = 0
    return taken
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A number of the format itself, without a length. */
  int2(value: number): void {
    this.#reserve(MAX_BYTES)
    this.#view.setInt16(this.#length, value)
    this.#length += 2
  }

  int4(value: number): void {
    this.#reserve(MAX_BYTES)
    this.#view.setInt32(this.#length, 4)
    this.#view.setInt32(this.#length + 4, value)
    this.#length += 8
  }

  float8(value: number): void {
    this.#reserve(MAX_BYTES)
    this.#view.setInt32(this.#length, 8)
    this.#view.setFloat64(this.#length + 4, value)
    this.#length += 12
  }

  time(timestamp: EpochMs): void {
    this.#reserve(MAX_BYTES)
    // In two halves of 32 bits: microseconds are more than a double holds from the year 2285 on.
    const sinceMs = timestamp - EPOCH_MS
    const highMs = Math.floor(sinceMs / TWO_TO_32)
    const low = (sinceMs - highMs * TWO_TO_32) * 1000
    const carry = Math.floor(low / TWO_TO_32)
    this.#view.setInt32(this.#length, 8)
    this.#view.setInt32(this.#length + 4, highMs * 1000 + carry)
    this.#view.setUint32(this.#length + 8, low - carry * TWO_TO_32)
    this.#length += 12
  }

  text(value: string): void {
    this.#reserve(4 + 3 * value.length)
    const bytes = this.#ascii(value) ? value.length : this.#bytes.write(value, this.#length + 4)
    this.#view.setInt32(this.#length, bytes)
    this.#length += 4 + bytes
  }

  /** What ids are made of is written here: calling out for each took half of the time of a page of trades. */
  #ascii(value: string): boolean {
    const start = this.#length + 4
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 127) return false
      this.#bytes[start + index] = code
    }
    return true
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafe(this.#length === 0 ? Math.max(count, this.#capacity) : 2 * (this.#length + count))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

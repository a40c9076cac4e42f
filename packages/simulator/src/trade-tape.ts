import type { Timeframe } from '@fullon/market'
import { CandleBuilder } from './candle-builder.js'
import type { MarketCandle, MarketTrade } from './market.js'

/** Trades a chunk holds: 25 bytes each, so 400 KiB a chunk. */
const CHUNK_BITS = 14
const CHUNK_LENGTH = 1 << CHUNK_BITS

interface Chunk {
  readonly timestampUs: Float64Array
  readonly price: Float64Array
  readonly amount: Float64Array
  /** 1 = the taker bought. */
  readonly buy: Uint8Array
}

/** The trades of one symbol in the order they happened, in typed arrays: a month of a busy symbol is 15 MB. */
export class TradeTape {
  /** Digits after the point of its prices. */
  readonly priceDecimals: number
  readonly #chunks: Chunk[] = []
  readonly #firstId: number
  #length = 0

  /** @param options.firstId the first trade's; each further one has the next integer. */
  constructor({ firstId, priceDecimals }: { firstId: number; priceDecimals: number }) {
    this.#firstId = firstId
    this.priceDecimals = priceDecimals
  }

  get length(): number {
    return this.#length
  }

  /** `timestampUs` must be above that of the trade before. */
  append(timestampUs: number, price: number, amount: number, side: 'buy' | 'sell'): void {
    if (this.#length === this.#chunks.length * CHUNK_LENGTH) this.#chunks.push(createChunk())
    const { chunk, at } = this.#locate(this.#length++)
    chunk.timestampUs[at] = timestampUs
    chunk.price[at] = price
    chunk.amount[at] = amount
    chunk.buy[at] = side === 'buy' ? 1 : 0
  }

  countBefore(timestampUs: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const { chunk, at } = this.#locate(middle)
      if ((chunk.timestampUs[at] ?? 0) < timestampUs) low = middle + 1
      else high = middle
    }
    return low
  }

  trades(first: number, end: number): MarketTrade[] {
    const result: MarketTrade[] = []
    for (let index = Math.max(0, first); index < Math.min(end, this.#length); index++) {
      const { chunk, at } = this.#locate(index)
      const timestampUs = chunk.timestampUs[at] ?? 0
      result.push({
        timestamp: Math.floor(timestampUs / 1000),
        timestampUs,
        id: String(this.#firstId + index),
        side: chunk.buy[at] === 1 ? 'buy' : 'sell',
        price: chunk.price[at] ?? 0,
        amount: chunk.amount[at] ?? 0,
      })
    }
    return result
  }

  candles(first: number, end: number, timeframe: Timeframe): MarketCandle[] {
    const result: MarketCandle[] = []
    let builder: CandleBuilder | undefined
    for (let index = first; index < end; index++) {
      const { chunk, at } = this.#locate(index)
      const timestamp = Math.floor((chunk.timestampUs[at] ?? 0) / 1000)
      if (!builder || timestamp >= builder.until) {
        if (builder) result.push(builder.build(this.priceDecimals))
        builder = new CandleBuilder(timestamp, timeframe, chunk.price[at] ?? 0)
      }
      builder.add(chunk.price[at] ?? 0, chunk.amount[at] ?? 0)
    }
    if (builder) result.push(builder.build(this.priceDecimals))
    return result
  }

  #locate(index: number): { chunk: Chunk; at: number } {
    const chunk = this.#chunks[index >>> CHUNK_BITS]
    if (!chunk) throw new RangeError(`trade tape: expected a position below ${this.#length}, got ${index}`)
    return { chunk, at: index & (CHUNK_LENGTH - 1) }
  }
}

function createChunk(): Chunk {
  return {
    timestampUs: new Float64Array(CHUNK_LENGTH),
    price: new Float64Array(CHUNK_LENGTH),
    amount: new Float64Array(CHUNK_LENGTH),
    buy: new Uint8Array(CHUNK_LENGTH),
  }
}

import { ceilToTimeframe, type EpochMs } from '@fullon/market'
import type { Market } from './market.js'
import { DEFAULT_SYMBOLS, type MarketSymbol } from './market-symbols.js'
import { bell, createRandom, type Random } from './random.js'
import { createTapeMarket, type Listing } from './tape-market.js'
import { TradeTape } from './trade-tape.js'

const MINUTE_MS = 60_000
/** An order falls into a slot or it does not: no sorting, and no two orders in one millisecond. */
const SLOTS_PER_MINUTE = 30
const SLOT_MS = MINUTE_MS / SLOTS_PER_MINUTE
/** 60 % of the orders fill at once, the others in 2 to 7 trades: measured over 300,000. */
const TRADES_PER_ORDER = 1.83
/** About 10,000 orders a day, so 3 % a day. */
const VOLATILITY_PER_ORDER = 0.0003

/**
 * A market made up from a seed. The same seed, `since` and symbol give the same trades for ever, whatever
 * else is in the market and in whatever order it is asked. Made forward from `since` as far as was asked
 * and kept in memory: 30 days of the default symbols are 2 million trades, 50 MB, made in about a second.
 *
 * @throws RangeError when a number of a symbol is outside its bounds, or a symbol comes twice.
 */
export function createSeededMarket({
  seed,
  since,
  symbols = DEFAULT_SYMBOLS,
}: {
  seed: number
  since: EpochMs
  symbols?: readonly MarketSymbol[]
}): Market {
  if (!Number.isFinite(since)) throw new RangeError(`since: expected epoch milliseconds, got ${since}`)
  const listings = new Map<string, Listing>()
  for (const symbol of symbols) {
    if (listings.has(symbol.symbol)) throw new RangeError(`symbols: expected each once, got ${symbol.symbol} twice`)
    listings.set(symbol.symbol, new SeededListing(symbol, ceilToTimeframe(since, '1m'), seed))
  }
  return createTapeMarket(listings)
}

class SeededListing implements Listing {
  readonly tape: TradeTape
  readonly #random: Random
  readonly #scale: number
  readonly #amount: number
  readonly #ordersPerMinute: number
  readonly #quietShare: number
  /** The next minute to write. */
  #minute: EpochMs
  /** In units of the last decimal. */
  #price: number
  /** How busy it is, about 1. */
  #activity = 1
  #quiet = false
  #stretchMinutes = 0

  constructor(
    { symbol, price, amount, priceDecimals = 2, tradesPerMinute = 12, quiet = 0 }: MarketSymbol,
    since: EpochMs,
    seed: number,
  ) {
    const within = (name: string, value: number, low: number, high: number): void => {
      if (!(value >= low && value <= high))
        throw new RangeError(`${symbol} ${name}: expected ${low} to ${high}, got ${value}`)
    }
    within('priceDecimals', priceDecimals, 0, 8)
    within('price', price, 10 ** -priceDecimals, 1e9)
    within('amount', amount, 1e-7, 1e6)
    within('tradesPerMinute', tradesPerMinute, 0, 40)
    within('quiet', quiet, 0, 0.9)
    this.#random = createRandom(`${seed} ${symbol}`)
    this.#minute = since
    this.tape = new TradeTape({ firstId: 1, priceDecimals })
    this.#scale = 10 ** priceDecimals
    this.#price = price * this.#scale
    this.#amount = amount
    this.#ordersPerMinute = tradesPerMinute / TRADES_PER_ORDER
    this.#quietShare = quiet
  }

  readonly extend = (until: EpochMs): void => {
    while (this.#minute < until) {
      this.#writeMinute()
      this.#minute += MINUTE_MS
    }
  }

  #writeMinute(): void {
    this.#activity += 0.1 * (1 - this.#activity) + 0.2 * (this.#random() - 0.5)
    if (this.#isQuiet()) return
    const likelihood = (this.#ordersPerMinute * this.#activity) / SLOTS_PER_MINUTE
    for (let slot = 0; slot < SLOTS_PER_MINUTE; slot++) {
      if (this.#random() >= likelihood) continue
      this.#writeOrder(this.#minute + slot * SLOT_MS + Math.floor(this.#random() * SLOT_MS))
    }
  }

  #isQuiet(): boolean {
    if (this.#quietShare === 0) return false
    if (this.#stretchMinutes === 0) {
      this.#quiet = !this.#quiet
      const minutes = 2 + this.#random() * 12
      const share = this.#quiet ? 1 : (1 - this.#quietShare) / this.#quietShare
      this.#stretchMinutes = Math.max(1, Math.floor(minutes * share))
    }
    this.#stretchMinutes--
    return this.#quiet
  }

  /** One taker's order: its trades share a millisecond and walk into the book. */
  #writeOrder(timestamp: EpochMs): void {
    const random = this.#random
    this.#price = Math.max(1, this.#price * (1 + VOLATILITY_PER_ORDER * bell(random)))
    const side = random() < 0.5 ? 'buy' : 'sell'
    const count = random() < 0.6 ? 1 : 2 + Math.floor(random() * random() * 6)
    // Never the first or the last microsecond of the millisecond: clients compute it from seconds as a
    // double, and 1767225600.123 × 1000 may come out as …122.99.
    let timestampUs = timestamp * 1000 + 1 + Math.floor(random() * 900)
    let ticks = Math.round(this.#price)
    for (let trade = 0; trade < count; trade++) {
      const share = random()
      const units = Math.max(1, Math.round(this.#amount * (0.05 + 4 * share * share * share) * 1e8))
      this.tape.append(timestampUs, ticks / this.#scale, units / 1e8, side)
      timestampUs += 1 + Math.floor(random() * 4)
      if (random() < 0.5) ticks = Math.max(1, ticks + (side === 'buy' ? 1 : -1))
    }
  }
}

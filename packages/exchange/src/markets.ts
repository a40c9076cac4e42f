import type { Clock, EpochMs } from '@fullon/market'
import { ExchangeError } from './errors.js'
import type { CcxtExchange, CcxtMarket } from './load-ccxt.js'
import { nearestName } from './nearest-name.js'

/** A symbol that an exchange lists. */
export interface ListedSymbol {
  /** ccxt unified. */
  readonly symbol: string
  readonly base: string
  readonly quote: string
  /** `spot`, `swap`, `future` or `option`. */
  readonly type: string
  /** Whether it is traded now. */
  readonly active: boolean
}

// A symbol that is not there may have been listed since; asking costs an exchange up to a dozen requests. And one that
// has gone may be back: an hour later it is still gone, or it was not delisted.
const RELOAD_AFTER_MS = 3_600_000
// A request for what is listed was refused: perhaps it was delisted since.
const RECHECK_AFTER_MS = 600_000

/** What an exchange lists: loaded once, by whoever asks first; a load that failed is tried again by the next. */
export class Markets {
  readonly #ccxt: CcxtExchange
  readonly #clock: Clock
  readonly #load: () => Promise<unknown>
  #loading: Promise<unknown> | undefined
  #loadedAt: EpochMs | undefined
  /** How many were listed last. */
  #count = 0
  /** Everything that was ever listed here. */
  readonly #known = new Set<string>()
  /** When a list first lacked what was known, by symbol. */
  readonly #goneAt = new Map<string, EpochMs>()

  constructor({ ccxt, clock, load }: { ccxt: CcxtExchange; clock: Clock; load: () => Promise<unknown> }) {
    this.#ccxt = ccxt
    this.#clock = clock
    this.#load = load
  }

  /** @throws ExchangeError `SYMBOL_UNKNOWN`, and what loading throws. */
  async find(symbol: string): Promise<CcxtMarket> {
    if (this.#loadedAt === undefined) await this.#reload()
    const known = this.peek(symbol)
    if (known) return known
    if (this.#clock.now() - (this.#loadedAt ?? 0) > RELOAD_AFTER_MS) await this.#reload()
    const listed = this.peek(symbol)
    if (listed) return listed
    const nearest = nearestName(symbol, Object.keys(this.#ccxt.markets ?? {}))
    const hint = nearest ? ` (did you mean ${nearest}?)` : ''
    const message = `${this.#ccxt.id}: expected a symbol it lists, got ${JSON.stringify(symbol)}${hint}`
    throw new ExchangeError('SYMBOL_UNKNOWN', message)
  }

  /**
   * Whether a symbol that the exchange has just refused is gone for good: it was listed, and two lists an hour apart,
   * with the others in them, lacked it or called it closed.
   */
  async isDelisted(symbol: string): Promise<boolean> {
    if (!this.#known.has(symbol)) return false
    const ageMs = this.#clock.now() - (this.#loadedAt ?? Number.NEGATIVE_INFINITY)
    if (ageMs > (this.#goneAt.has(symbol) ? RELOAD_AFTER_MS : RECHECK_AFTER_MS)) await this.#reload()
    const since = this.#goneAt.get(symbol)
    return since !== undefined && (this.#loadedAt ?? since) - since >= RELOAD_AFTER_MS
  }

  /** It was listed, before this object was there to see it. */
  remember(symbol: string): void {
    this.#known.add(symbol)
  }

  /** What is known without asking. */
  peek(symbol: string): CcxtMarket | undefined {
    const { markets } = this.#ccxt
    return markets && Object.hasOwn(markets, symbol) ? markets[symbol] : undefined
  }

  async list(): Promise<ListedSymbol[]> {
    if (this.#loadedAt === undefined) await this.#reload()
    return Object.values(this.#ccxt.markets ?? {}).map(toListed)
  }

  #reload(): Promise<unknown> {
    this.#loading ??= this.#load()
      .then(() => this.#note())
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }

  /** @throws ExchangeError `BAD_RESPONSE` for a list that lacks half of the one before: no exchange closes half of itself. */
  #note(): void {
    const listed = Object.keys(this.#ccxt.markets ?? {})
    if (listed.length < this.#count / 2) {
      this.#loadedAt = undefined
      const message = `${this.#ccxt.id} markets: expected about the ${this.#count} that were listed before, got ${listed.length}`
      throw new ExchangeError('BAD_RESPONSE', message)
    }
    const now = this.#clock.now()
    this.#loadedAt = now
    this.#count = listed.length
    for (const symbol of listed) this.#known.add(symbol)
    for (const symbol of this.#known) {
      const market = this.peek(symbol)
      if (market && market.active !== false) this.#goneAt.delete(symbol)
      else if (!this.#goneAt.has(symbol)) this.#goneAt.set(symbol, now)
    }
  }
}

export function toListed({ symbol, base = '', quote = '', type = 'spot', active }: CcxtMarket): ListedSymbol {
  // where an exchange does not say, what it lists is traded
  return { symbol, base, quote, type, active: active !== false }
}

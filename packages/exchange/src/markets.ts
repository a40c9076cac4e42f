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

// A symbol that is not there may have been listed since; asking costs an exchange up to a dozen requests.
const RELOAD_AFTER_MS = 3_600_000

/** What an exchange lists: loaded once, by whoever asks first; a load that failed is tried again by the next. */
export class Markets {
  readonly #ccxt: CcxtExchange
  readonly #clock: Clock
  readonly #load: () => Promise<unknown>
  #loading: Promise<unknown> | undefined
  #loadedAt: EpochMs | undefined

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
      .then(() => {
        this.#loadedAt = this.#clock.now()
      })
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }
}

export function toListed({ symbol, base = '', quote = '', type = 'spot', active }: CcxtMarket): ListedSymbol {
  // where an exchange does not say, what it lists is traded
  return { symbol, base, quote, type, active: active !== false }
}

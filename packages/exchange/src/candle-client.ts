import {
  type Candle,
  ceilToTimeframe,
  type EpochMs,
  floorToTimeframe,
  type Page,
  type Timeframe,
  timeframeMs,
} from '@fullon/market'
import { aggregatePage } from './aggregate-page.js'
import { baseTimeframe } from './base-timeframe.js'
import { type CandleAnswer, type CandleRequest, oldestKept } from './candle-page.js'
import { type CandleSource, readCandlePage } from './candle-reader.js'
import { ExchangeError } from './errors.js'
import type { CcxtFeatures, CcxtMarket } from './load-ccxt.js'
import type { RestContext, RestRequest } from './rest-context.js'

// Where ccxt names no limit; most exchanges take more.
const LIMIT_UNKNOWN = 500

/** Candles of one exchange by REST. */
export class CandleClient {
  readonly #context: RestContext
  /** Where the last newest-only answer began, by symbol and timeframe. */
  readonly #oldestServed = new Map<string, EpochMs>()
  readonly #searched: CandleSource['searched'] = new Map()

  constructor(context: RestContext) {
    this.#context = context
  }

  /** How many newest candles are served; undefined where all are. */
  newest(symbol: string): number | undefined {
    const { ccxt, quirks, markets } = this.#context
    if (ccxt.has.fetchOHLCV !== true) return 0
    return quirks.candlesNewestOnly ? this.#limit(markets.peek(symbol)) : quirks.candlesKept
  }

  /** The oldest open time that is served now; undefined where all are. */
  since(symbol: string, timeframe: Timeframe): EpochMs | undefined {
    const { server, quirks } = this.#context
    const count = this.newest(symbol)
    if (count === undefined) return undefined
    const now = server.now()
    if (count === 0) return floorToTimeframe(now, timeframe)
    const base = baseTimeframe(this.#context, timeframe)
    if (!quirks.candlesNewestOnly) return ceilToTimeframe(oldestKept(now, base, count), timeframe)
    const reach = floorToTimeframe(now, base) - (count - 1) * timeframeMs(base)
    return ceilToTimeframe(Math.max(reach, this.#oldestServed.get(`${symbol} ${base}`) ?? reach), timeframe)
  }

  async get(request: CandleRequest, options: RestRequest): Promise<Page<Candle>> {
    const { ccxt, markets } = this.#context
    const { symbol, timeframe, since, until } = request
    if (ccxt.has.fetchOHLCV !== true) throw new ExchangeError('UNSUPPORTED', `${ccxt.id}: serves no candles by REST`)
    const base = baseTimeframe(this.#context, timeframe)
    const market = await markets.find(symbol)
    const source = this.#source({ symbol, timeframe: base, whole: timeframe, market, options })
    // Whole intervals of what was asked for, whatever is asked of the exchange.
    const whole = {
      symbol,
      timeframe: base,
      since: since === undefined ? undefined : floorToTimeframe(since, timeframe),
      until: until === undefined ? undefined : ceilToTimeframe(until, timeframe),
    }
    const page = await readCandlePage(source, whole)
    return base === timeframe ? page : aggregatePage(page, base, timeframe)
  }

  #source({ symbol, timeframe, whole, market, options }: SourceOptions): CandleSource {
    const { ccxt, calls, quirks, onRefused } = this.#context
    const {
      candlesNewestOnly: newestOnly = false,
      candlesNeedUntil,
      candlesKept: kept,
      settleMs,
      auditDelayMs,
    } = quirks
    const subject = `${ccxt.id} ${symbol} ${timeframe}`
    const limit = this.#limit(market)
    const ask = async (since?: EpochMs, rows = limit): Promise<CandleAnswer> => {
      // Inclusive: one millisecond before the candle that the page does not hold any more.
      const params = candlesNeedUntil && since !== undefined ? { until: since + rows * timeframeMs(timeframe) - 1 } : {}
      const { value, serverTime } = await calls.run({ subject, key: symbol, ...options }, () =>
        newestOnly ? ccxt.fetchOHLCV(symbol, timeframe) : ccxt.fetchOHLCV(symbol, timeframe, since, rows, params),
      )
      const first = value[0]?.[0]
      if (newestOnly && first !== undefined) this.#oldestServed.set(`${symbol} ${timeframe}`, first)
      return { rows: value, serverTime }
    }
    const proven = quirks.candleLimit !== undefined
    const refuse = (row: unknown, reason: string) => onRefused(subject, row, reason)
    return {
      ask,
      refuse,
      facts: { limit, newestOnly, kept, settleMs, auditDelayMs, proven },
      whole,
      searched: this.#searched,
    }
  }

  #limit(market: CcxtMarket | undefined): number {
    const { candleLimit } = this.#context.quirks
    if (typeof candleLimit === 'number') return candleLimit
    const { features = {} } = this.#context.ccxt
    const ofType = features[market?.type ?? 'spot']
    const ofKind = market?.type === 'spot' ? ofType : (ofType?.[market?.inverse ? 'inverse' : 'linear'] ?? ofType)
    return limitOf(ofKind) ?? limitOf(features.spot) ?? limitOf(features.default) ?? LIMIT_UNKNOWN
  }
}

interface SourceOptions {
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly whole: Timeframe
  readonly market: CcxtMarket
  readonly options: RestRequest
}

function limitOf(features: CcxtFeatures | undefined): number | undefined {
  return features?.fetchOHLCV?.limit
}

import type { Page, Span, Trade } from '@fullon/market'
import { asTrade, doubtTrade } from './check-rows.js'
import { ExchangeError } from './errors.js'
import type { CcxtMarket, CcxtTrade } from './load-ccxt.js'
import type { CallResult } from './rest-calls.js'
import type { RestContext, RestRequest } from './rest-context.js'
import { TradeAnchors } from './trade-anchors.js'
import { withIds } from './trade-ids.js'
import { readTradePage } from './trade-page.js'
import type { TradeAnswer, TradeAsk, TradePaging } from './trade-paging.js'

// Of an exchange that nothing is declared of, the newest page is all that is trusted, however long it is.
const NEWEST_ONLY: TradePaging = { direction: 'newest', limit: Number.POSITIVE_INFINITY }

/** Public trades of one exchange by REST. */
export class TradeClient {
  readonly #context: RestContext
  readonly #anchors = new Map<string, TradeAnchors>()

  constructor(context: RestContext) {
    this.#context = context
  }

  get paging(): TradePaging {
    const { ccxt, quirks } = this.#context
    if (ccxt.has.fetchTrades !== true) return { direction: 'none' }
    return quirks.trades ?? NEWEST_ONLY
  }

  async get(symbol: string, span: Span, options: RestRequest): Promise<Page<Trade>> {
    const { ccxt, markets, quirks } = this.#context
    const { paging } = this
    const subject = `${ccxt.id} ${symbol} trades`
    if (paging.direction === 'none')
      throw new ExchangeError('UNSUPPORTED', `${subject}: the exchange serves none by REST`)
    const limit = limitFor(paging, await markets.find(symbol))
    const anchors = this.#anchors.get(symbol) ?? new TradeAnchors()
    this.#anchors.set(symbol, anchors)
    const ask = async ({ since, params = {} }: TradeAsk) => {
      const count = Number.isFinite(limit) ? limit : undefined
      const call = () => ccxt.fetchTrades(symbol, since, count, params)
      return this.#check(subject, await this.#context.calls.run({ subject, key: symbol, ...options }, call))
    }
    const { settleMs, auditDelayMs } = quirks
    return readTradePage(
      { subject, ask, serverNow: () => this.#context.server.now(), settleMs, auditDelayMs, limit, anchors },
      paging,
      span,
    )
  }

  /** @throws ExchangeError BAD_RESPONSE when a record says no time: then it cannot be placed. */
  #check(subject: string, { value, json, serverTime }: CallResult<readonly CcxtTrade[]>): TradeAnswer {
    const { quirks, onRefused } = this.#context
    const trades: ReturnType<typeof asTrade>[] = []
    const refused: number[] = []
    for (const record of value) {
      const timestamp = quirks.tradeTimestamp?.(record) ?? record.timestamp
      const trade = timestamp === undefined ? record : { ...record, timestamp }
      const doubt = doubtTrade(trade, serverTime)
      const raw = record.info ?? record
      if (doubt) onRefused(subject, raw, `expected ${doubt}`)
      if (!doubt) trades.push(asTrade(trade))
      else if (timestamp !== undefined && Number.isSafeInteger(timestamp)) refused.push(timestamp)
      else throw new ExchangeError('BAD_RESPONSE', `${subject}: expected ${doubt}, got ${JSON.stringify(raw)}`)
    }
    return { trades: withIds(trades).sort((a, b) => a.timestamp - b.timestamp), refused, json, serverTime }
  }
}

function limitFor(paging: Exclude<TradePaging, { direction: 'none' }>, { type = 'spot' }: CcxtMarket): number {
  const { limit } = paging
  return paging.direction === 'newest' && type !== 'spot' ? (paging.contractLimit ?? limit) : limit
}

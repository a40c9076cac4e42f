import { OHLCVCache } from '@fullon/cache'
import type { CandleUpdate } from '@fullon/exchange'
import { type Candle, type EpochMs, floorToTimeframe, type Page, type Span } from '@fullon/market'
import { type Collection, findWantedSince, findWork, type SaveResult, shareLive } from '@fullon/ohlcv'
import type { SymbolContext } from './run-symbol.js'

/** Keeps one series of candles complete, from the exchange's own candles as far as they reach. */
export class OhlcvCollector implements Collection<Candle, CandleUpdate> {
  readonly status
  readonly watch: Collection<Candle, CandleUpdate>['watch']
  readonly #context: SymbolContext
  readonly #feed
  readonly #newest
  /** What candles no longer reach is rebuilt from trades, by the symbol's TradeCollector. */
  readonly #rebuilt: boolean

  constructor(context: SymbolContext) {
    const { wanted, handler, status } = context
    const { symbol, timeframe, trades } = wanted
    this.#context = context
    this.#feed = handler.feedFor(symbol, timeframe)
    this.#rebuilt = this.#feed.tradeHistory && trades !== 'off'
    this.status = status[0]
    this.#newest = new OHLCVCache(context.cache)
    if (this.#feed.live === 'trades') shareLive(...status)
    if (this.#feed.live === 'candles') this.watch = (signal) => handler.watchOhlcv(symbol, timeframe, { signal })
  }

  pagesOf({ settled }: CandleUpdate): readonly Page<Candle>[] {
    return settled
  }

  async onStored({ closed, forming }: CandleUpdate): Promise<void> {
    await this.#newest.updateAll([{ series: this.#context.wanted, candles: closed, forming }])
  }

  horizon(): EpochMs {
    const { wanted, handler } = this.#context
    return floorToTimeframe(handler.serverNow() - this.#feed.settleMs, wanted.timeframe)
  }

  async next(): Promise<Span[]> {
    const { wanted, handler, candles, auditEveryMs } = this.#context
    const { backtestMs, keepCandlesMs } = wanted
    const now = handler.serverNow()
    const since = Math.max(this.#reach, await findWantedSince(candles, { now, backtestMs, keepMs: keepCandlesMs }))
    return findWork(candles, { ...this.#feed, since, now, auditEveryMs, liveSince: this.status.liveSince })
  }

  async fetch(gap: Span, signal: AbortSignal): Promise<Page<Candle>> {
    const { wanted, handler } = this.#context
    const { unavailable, ...page } = await handler.getOhlcv(wanted.symbol, wanted.timeframe, { ...gap, signal })
    // What went out of reach only now, between `next` and the answer, is for trades, too.
    return unavailable && unavailable.until > this.#reach ? { ...page, unavailable } : page
  }

  save(page: Page<Candle>): Promise<SaveResult> {
    return this.#context.candles.saveCandles(page)
  }

  get #reach(): EpochMs {
    const { wanted, handler } = this.#context
    return (this.#rebuilt ? handler.candlesSince(wanted.symbol, wanted.timeframe) : undefined) ?? 0
  }
}

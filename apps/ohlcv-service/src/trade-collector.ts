import { TradesCache } from '@fullon/cache'
import type { EpochMs, Page, Span, Trade } from '@fullon/market'
import * as ohlcv from '@fullon/ohlcv'
import type { SymbolContext } from './run-symbol.js'

type Batch = readonly Page<Trade>[]

// History is asked for in pieces of this, so that the newest of a long gap comes first.
const PIECE_MS = 6 * 3_600_000

/** Keeps a symbol's trades, all of them or only where candles are built from them. */
export class TradeCollector implements ohlcv.Collection<Trade, Batch> {
  readonly status
  readonly watch: ohlcv.Collection<Trade, Batch>['watch']
  readonly #context: SymbolContext
  readonly #feed
  readonly #newest
  /** For which what was not to be had is asked for again. */
  #asked

  constructor(context: SymbolContext) {
    const { wanted, handler } = context
    const { symbol, timeframe, trades } = wanted
    this.#context = context
    this.#feed = handler.feedFor(symbol, timeframe)
    this.#asked = wanted
    this.status = context.status[1]
    this.#newest = new TradesCache(context.cache)
    const isNeeded = trades === 'on' || (trades === 'auto' && this.#feed.live === 'trades')
    if (isNeeded) this.watch = (signal) => handler.watchTrades(symbol, { signal })
  }

  pagesOf(pages: Batch): Batch {
    return pages
  }

  async onStored(pages: Batch): Promise<void> {
    const { exchange, symbol, sandbox } = this.#context.wanted // trades have no timeframe, in their keys neither
    for (const { rows } of pages) await this.#newest.pushTrades({ exchange, symbol, sandbox }, rows)
  }

  horizon(): EpochMs {
    return this.#context.handler.serverNow() - this.#feed.settleMs
  }

  async next(): Promise<readonly Span[]> {
    const { wanted, handler, candles, trades, auditEveryMs } = this.#context
    if (wanted !== this.#asked) {
      await Promise.all([candles.clearUnavailable(), trades.clearUnavailable()])
      this.#asked = wanted
    }
    if (wanted.trades === 'off') return []
    const [now, { backtestMs, keepCandlesMs, keepTradesMs }] = [handler.serverNow(), wanted]
    const since = await ohlcv.findWantedSince(candles, { now, backtestMs, keepMs: keepCandlesMs })
    const needed = await ohlcv.findTradesNeeded(candles, trades, { since, build: this.#build })
    if (wanted.trades === 'auto') return needed // other gaps in trades are candles' to close
    const own = { ...this.#feed, since: Math.max(since, now - keepTradesMs), liveSince: this.status.liveSince }
    return [...(await ohlcv.findWork(trades, { ...own, now, auditEveryMs })), ...needed]
  }

  fetch({ since, until }: Span, signal: AbortSignal): Promise<Page<Trade>> {
    const { wanted, handler } = this.#context
    return handler.getPublicTrades(wanted.symbol, { since: Math.max(since, until - PIECE_MS), until, signal })
  }

  save(page: Page<Trade>): Promise<ohlcv.SaveResult> {
    return this.#context.trades.saveTrades(page, { build: this.#build })
  }

  get #build(): ohlcv.BuildOptions {
    const { wanted, handler } = this.#context
    const finalBefore = handler.candlesSince(wanted.symbol, wanted.timeframe)
    return { timeframe: wanted.timeframe, ...(finalBefore !== undefined && { finalBefore }) }
  }
}

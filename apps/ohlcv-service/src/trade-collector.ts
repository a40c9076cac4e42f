import type { Feed } from '@fullon/exchange'
import { type Page, type Span, subtractSpans, type Trade } from '@fullon/market'
import { type BuildOptions, orderWork } from '@fullon/ohlcv'
import { type CollectContext, type Collection, collect, count, sinceOf } from './collect.js'
import { newStatus, type SeriesStatus } from './status.js'

// History is asked for in pieces of this, so that the newest of a long gap comes first.
const PIECE_MS = 6 * 3_600_000

/** Keeps a symbol's trades, all of them or only where candles are built from them. */
export class TradeCollector implements Collection<readonly Page<Trade>[]> {
  readonly status: SeriesStatus
  readonly watch: Collection<readonly Page<Trade>[]>['watch']
  readonly #context: CollectContext
  readonly #feed: Feed

  constructor(context: CollectContext) {
    const { wanted, handler } = context
    this.#context = context
    this.#feed = handler.feedFor(wanted.symbol, wanted.timeframe)
    this.status = newStatus(wanted, 'trades')
    const { trades } = wanted
    if (trades === 'on' || (trades === 'auto' && this.#feed.live === 'trades')) {
      this.watch = (signal) => handler.watchTrades(wanted.symbol, { signal })
    }
  }

  run(signal: AbortSignal): Promise<void> {
    return collect(this, this.#context, signal)
  }

  async save(pages: readonly Page<Trade>[]): Promise<void> {
    const { wanted, trades, newestTrades, log } = this.#context
    for (const page of pages) {
      count(this.status, await trades.saveTrades(page, { build: this.#build }))
      this.status.lastTimestamp = page.rows.at(-1)?.timestamp ?? this.status.lastTimestamp
      await newestTrades.pushTrades(wanted, page.rows).catch((err) => log.warn({ err }, 'cache not updated'))
    }
  }

  async next(): Promise<readonly Span[]> {
    const { wanted, handler, trades, auditEveryMs } = this.#context
    const now = handler.serverNow()
    const since = await sinceOf(this.#context)
    const needed = wanted.trades === 'off' ? [] : await this.#neededByCandles(since)
    if (wanted.trades !== 'on') return needed // other gaps in trades are candles' to close
    const auditHorizon = now - this.#feed.auditDelayMs
    const horizon = now - this.#feed.settleMs
    const gaps = await trades.gaps({ since, until: horizon })
    const audits = await trades.gaps({ since, until: auditHorizon, strength: 'confirmed' })
    return [
      ...orderWork({ gaps, audits, horizon, auditHorizon, auditEveryMs, liveSince: this.status.liveSince }),
      ...needed,
    ]
  }

  async fill({ since, until }: Span, signal: AbortSignal): Promise<boolean> {
    const { wanted, handler, trades } = this.#context
    const piece = { since: Math.max(since, until - PIECE_MS), until }
    const page = await handler.getPublicTrades(wanted.symbol, { ...piece, signal })
    count(this.status, await trades.saveTrades(page, { build: this.#build }))
    return page.covered !== undefined
  }

  /** Trades missing under candles that REST candles no longer reach. Where none are missing the candles are built at once. */
  async #neededByCandles(since: number): Promise<Span[]> {
    const { candles, trades } = this.#context
    const { finalBefore } = this.#build
    if (finalBefore === undefined || finalBefore <= since) return []
    const lacking = await candles.gaps({ since, until: finalBefore, strength: 'confirmed' })
    const missing: Span[] = []
    for (const gap of lacking) missing.push(...(await trades.gaps({ ...gap, strength: 'confirmed' })))
    for (const whole of subtractSpans(lacking, missing)) await trades.buildCandles(whole, this.#build)
    return missing.sort((a, b) => b.until - a.until)
  }

  get #build(): BuildOptions {
    const { wanted, handler } = this.#context
    const { symbol, timeframe } = wanted
    const finalBefore = handler.candlesSince(symbol, timeframe)
    return finalBefore === undefined ? { timeframe } : { timeframe, finalBefore }
  }
}

import type { CandleUpdate, Feed } from '@fullon/exchange'
import { floorToTimeframe, type Span } from '@fullon/market'
import { orderWork } from '@fullon/ohlcv'
import { type CollectContext, type Collection, collect, count, sinceOf } from './collect.js'
import { newStatus, type SeriesStatus } from './status.js'

/** Keeps one series of candles complete, from the exchange's own candles as far as they reach. */
export class OhlcvCollector implements Collection<CandleUpdate> {
  readonly status: SeriesStatus
  readonly watch: Collection<CandleUpdate>['watch']
  readonly #context: CollectContext
  readonly #feed: Feed
  /** What candles no longer reach is rebuilt from trades, by the symbol's TradeCollector. */
  readonly #rebuilt: boolean

  constructor(context: CollectContext) {
    const { wanted, handler } = context
    this.#context = context
    this.#feed = handler.feedFor(wanted.symbol, wanted.timeframe)
    this.#rebuilt = this.#feed.tradeHistory && wanted.trades !== 'off'
    this.status = newStatus(wanted, 'candles')
    if (this.#feed.live === 'candles') {
      this.watch = (signal) => handler.watchOhlcv(wanted.symbol, wanted.timeframe, { signal })
    }
  }

  run(signal: AbortSignal): Promise<void> {
    return collect(this, this.#context, signal)
  }

  async save({ settled, closed, forming }: CandleUpdate): Promise<void> {
    const { wanted, candles, newestCandles, log } = this.#context
    for (const page of settled) count(this.status, await candles.saveCandles(page))
    this.status.lastTimestamp = settled.at(-1)?.rows.at(-1)?.timestamp ?? this.status.lastTimestamp
    await newestCandles
      .updateAll([{ series: wanted, candles: closed, forming }])
      .catch((err) => log.warn({ err }, 'cache not updated'))
  }

  async next(): Promise<Span[]> {
    const { wanted, handler, candles, auditEveryMs } = this.#context
    const { symbol, timeframe } = wanted
    const now = handler.serverNow()
    const reach = this.#rebuilt ? handler.candlesSince(symbol, timeframe) : undefined
    const since = Math.max(reach ?? 0, await sinceOf(this.#context))
    const horizon = floorToTimeframe(now - this.#feed.settleMs, timeframe)
    const auditHorizon = floorToTimeframe(now - this.#feed.auditDelayMs, timeframe)
    const gaps = await candles.gaps({ since, until: horizon })
    const audits = await candles.gaps({ since, until: auditHorizon, strength: 'confirmed' })
    return orderWork({ gaps, audits, horizon, auditHorizon, auditEveryMs, liveSince: this.status.liveSince })
  }

  async fill(gap: Span, signal: AbortSignal): Promise<boolean> {
    const { wanted, handler, candles } = this.#context
    const { unavailable, ...page } = await handler.getOhlcv(wanted.symbol, wanted.timeframe, { ...gap, signal })
    const lost = this.#rebuilt ? undefined : unavailable
    count(this.status, await candles.saveCandles(lost ? { ...page, unavailable: lost } : page))
    return lost !== undefined || (page.covered !== undefined && page.covered.until > gap.since)
  }
}

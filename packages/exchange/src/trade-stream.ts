import { compareTrades, type EpochMs, type Page, type Trade } from '@fullon/market'
import { ExchangeError } from './errors.js'
import type { TradeRoom } from './trade-room.js'

export interface TradeLedgerOptions {
  /** A trade arrives at most this much after a newer one. */
  readonly latenessMs: number
  /** A jump in the ids is a loss. */
  readonly consecutiveIds: boolean
  /** The exchange's time: a trade from beyond it cannot stretch what is vouched for. */
  readonly serverNow: () => EpochMs
  /** Shared by the exchange's streams: a consumer further behind than it is large is a break that is told. */
  readonly room: TradeRoom
}

/**
 * Turns the trades of ONE subscription into pages that vouch: from the first trade that is not of a snapshot
 * plus `latenessMs` up to the newest less `latenessMs`. Where ids are consecutive, one that is missing is waited for
 * as long as a trade may be late; then it is lost, the span ends before it and starts anew behind it. What has no
 * jump is confirmed.
 */
export class TradeLedger {
  readonly #latenessMs: number
  readonly #consecutiveIds: boolean
  readonly #serverNow: () => EpochMs
  readonly #room: TradeRoom
  /** Of the room. */
  #taken = 0
  /** Arrived and not yet given, from `#since` on; ascending. */
  #held: Trade[] = []
  /** Of those; where ids are consecutive none comes twice. */
  #heldIds = new Set<string>()
  /** Vouched for from here. */
  #since: EpochMs | undefined
  #newest: EpochMs = Number.NEGATIVE_INFINITY
  /** The newest of a snapshot. */
  #newestPast: EpochMs = Number.NEGATIVE_INFINITY
  /** The least id that has not arrived. */
  #next: number | undefined
  /** Arrived before an id that is missing. */
  readonly #early = new Map<number, { readonly trade: Trade; readonly isSnapshot: boolean }>()
  #pages: Page<Trade>[] = []
  #pageRows = 0

  constructor({ latenessMs, consecutiveIds, serverNow, room }: TradeLedgerOptions) {
    this.#latenessMs = latenessMs
    this.#serverNow = serverNow
    this.#consecutiveIds = consecutiveIds
    this.#room = room
    room.enter()
  }

  /** @param isSnapshot it repeats the past, as many exchanges do after a subscription */
  add(trade: Trade, isSnapshot: boolean): void {
    if (this.#room.isFull(this.#taken)) {
      this.#forget() // the break comes before what was held would have been read
      const message = `trades: expected their consumers within ${this.#room.limit} trades (read faster)`
      throw new ExchangeError('OVERFLOW', message)
    }
    if (this.#consecutiveIds) this.#queue(Number(trade.id), trade, isSnapshot)
    else this.#accept(trade, isSnapshot)
    this.#account()
  }

  /** Some trades could not be read: nothing is vouched for across them. Missing ids tell that by themselves. */
  refuse(): void {
    if (!this.#consecutiveIds) this.#startAgain()
  }

  /** Pages ready to be stored, ascending. */
  take(): Page<Trade>[] {
    this.#close()
    const pages = this.#pages
    this.#pages = []
    this.#pageRows = 0
    this.#account()
    return pages
  }

  /** Nobody reads it any more. */
  close(): void {
    this.#forget()
    this.#room.leave()
  }

  #queue(id: number, trade: Trade, isSnapshot: boolean): void {
    this.#next ??= id
    if (id < this.#next) {
      if (trade.timestamp <= this.#newest + this.#latenessMs || this.#newest < 0) return // repeated
      this.#startAgain() // the exchange counts from the start again
      this.#next = id
    }
    if (id > this.#next) {
      this.#early.set(id, { trade, isSnapshot })
      if (this.#isLost(trade)) this.#skipMissing()
    } else {
      this.#next++
      this.#accept(trade, isSnapshot)
    }
    this.#acceptEarly()
  }

  #accept(trade: Trade, isSnapshot: boolean): void {
    if (isSnapshot) {
      this.#leaveBehind(trade)
      return
    }
    this.#since ??= Math.max(trade.timestamp, this.#newestPast) + this.#latenessMs
    this.#newest = Math.max(this.#newest, trade.timestamp)
    if (trade.timestamp < this.#since) return
    if (!this.#consecutiveIds) {
      if (this.#heldIds.has(trade.id)) return
      this.#heldIds.add(trade.id)
    }
    let place = this.#held.length
    for (; place > 0; place--) {
      const before = this.#held[place - 1]
      if (before && compareTrades(before, trade) <= 0) break
    }
    if (place === this.#held.length) this.#held.push(trade)
    else this.#held.splice(place, 0, trade)
  }

  /** Of a snapshot. It may come in between: by ids an older trade that was published after it is before it. */
  #leaveBehind({ timestamp }: Trade): void {
    this.#newestPast = Math.max(this.#newestPast, timestamp)
    if (this.#since !== undefined && this.#since < this.#newestPast + this.#latenessMs) this.#startAgain()
  }

  #acceptEarly(): void {
    while (this.#early.size > 0 && this.#next !== undefined) {
      const early = this.#early.get(this.#next)
      if (!early) return
      this.#early.delete(this.#next)
      this.#next++
      this.#accept(early.trade, early.isSnapshot)
    }
  }

  /** Whether what is missing before the early ones has had its time to arrive. */
  #isLost({ timestamp }: Trade): boolean {
    const [first] = this.#early.values()
    return first !== undefined && first.trade.timestamp + this.#latenessMs < timestamp
  }

  #skipMissing(): void {
    this.#startAgain()
    let least = Number.POSITIVE_INFINITY
    for (const id of this.#early.keys()) least = Math.min(least, id)
    this.#next = least
  }

  /** Gives what is held up to the newest less the lateness. */
  #close(): void {
    const since = this.#since
    const until = Math.min(this.#newest, this.#serverNow()) - this.#latenessMs
    if (since === undefined || until <= since) return
    let count = 0
    for (; count < this.#held.length; count++) if ((this.#held[count]?.timestamp ?? until) >= until) break
    const rows = this.#held.splice(0, count)
    if (!this.#consecutiveIds) for (const { id } of rows) this.#heldIds.delete(id)
    this.#pageRows += rows.length
    this.#pages.push({ rows, covered: { since, until }, ...(this.#consecutiveIds ? { confirmedUntil: until } : {}) })
    this.#since = until
  }

  #startAgain(): void {
    this.#close()
    this.#held = []
    this.#heldIds = new Set()
    this.#since = undefined
    this.#newest = Number.NEGATIVE_INFINITY
  }

  #forget(): void {
    this.#held = []
    this.#early.clear()
    this.#pages = []
    this.#pageRows = 0
    this.#account()
  }

  #account(): void {
    const taken = this.#held.length + this.#early.size + this.#pageRows
    this.#room.change(taken - this.#taken)
    this.#taken = taken
  }
}

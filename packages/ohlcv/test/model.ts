import {
  buildCandles,
  type Candle,
  type EpochMs,
  normalizeSpans,
  type Page,
  type Span,
  type Trade,
} from '@fullon/market'

/** Trade spans of the model test are made of these. */
export const CELL_MS = 10_000
const MINUTE_MS = 60_000
const CELLS = MINUTE_MS / CELL_MS

interface State {
  covered?: boolean
  confirmed?: boolean
  built?: boolean
}

interface Counts {
  inserted: number
  corrected: number
  deleted: number
  unchanged: number
  refused: number
}

/**
 * The rules of saving, told one minute and one cell at a time with plain maps: slow, and too plain to be wrong in the
 * same way as multiranges in SQL.
 */
export class Model {
  readonly candles = new Map<EpochMs, Candle>()
  readonly trades = new Map<EpochMs, Trade[]>()
  /** Whether there is a series of candles, if an empty one. */
  hasCandles = false
  readonly #minutes = new Map<EpochMs, State>()
  readonly #cells = new Map<EpochMs, State>()

  saveCandles({ rows, covered, confirmedUntil = 0 }: Page<Candle>): Counts {
    const counts = { inserted: 0, corrected: 0, deleted: 0, unchanged: 0, refused: 0 }
    this.hasCandles = true
    for (const timestamp of steps(covered!, MINUTE_MS)) {
      const minute = stateAt(this.#minutes, timestamp)
      const final = timestamp < confirmedUntil
      const sent = rows.find((row) => row.timestamp === timestamp)
      const row = sent && sent.volume === 0 ? undefined : sent
      minute.covered = true
      if (minute.confirmed && !final) {
        if (row) counts.refused++
        continue
      }
      if (row || final || minute.built) this.#store(timestamp, row, counts)
      minute.built = false
      if (final) minute.confirmed = true
    }
    return counts
  }

  saveTrades({ rows, covered, confirmedUntil = 0 }: Page<Trade>): Counts {
    const counts = { inserted: 0, corrected: 0, deleted: 0, unchanged: 0, refused: 0 }
    for (const timestamp of steps(covered!, CELL_MS)) {
      const cell = stateAt(this.#cells, timestamp)
      const final = timestamp < confirmedUntil
      const sent = rows.filter((row) => row.timestamp >= timestamp && row.timestamp < timestamp + CELL_MS)
      cell.covered = true
      if (cell.confirmed && !final) {
        counts.refused += sent.length
        continue
      }
      const stored = this.trades.get(timestamp) ?? []
      const kept = stored.filter((trade) => !sent.some((row) => row.id === trade.id))
      for (const row of sent)
        countChange(
          counts,
          stored.find(({ id }) => id === row.id),
          row,
        )
      if (final) counts.deleted += kept.length
      this.trades.set(timestamp, final ? sent : [...kept, ...sent])
      if (final) cell.confirmed = true
    }
    return counts
  }

  /** Candles of the minutes that `page` touches. */
  buildCandles(page: Span, finalBefore: EpochMs = 0): number {
    const counts = { inserted: 0, corrected: 0, deleted: 0, unchanged: 0, refused: 0 }
    const since = Math.floor(page.since / MINUTE_MS) * MINUTE_MS
    for (const timestamp of steps({ since, until: page.until }, MINUTE_MS)) {
      const cells = Array.from({ length: CELLS }, (_, index) => timestamp + index * CELL_MS)
      const minute = stateAt(this.#minutes, timestamp)
      if (!cells.every((cell) => this.#cells.get(cell)?.covered)) continue
      this.hasCandles = true
      const tradesFinal = cells.every((cell) => this.#cells.get(cell)?.confirmed)
      const outOfReach = timestamp + MINUTE_MS <= finalBefore || (minute.confirmed && minute.built)
      const final = tradesFinal && outOfReach
      if (minute.confirmed && !(minute.built && final)) continue
      if (minute.covered && !minute.built && !final) continue
      const trades = cells.flatMap((cell) => this.trades.get(cell) ?? [])
      this.#store(timestamp, buildCandles(trades, '1m')[0], counts)
      minute.covered = true
      minute.built = true
      if (final) minute.confirmed = true
    }
    return counts.inserted + counts.corrected
  }

  /** Minutes that end by `limit`, which is aligned to cells. */
  dropCandles(limit: EpochMs): void {
    for (const held of [this.candles, this.#minutes]) {
      for (const timestamp of held.keys()) if (timestamp + MINUTE_MS <= limit) held.delete(timestamp)
    }
  }

  /**
   * Cells that end by `limit`: whole minutes where there are candles, and none of a minute that is there in part and
   * whose candle is lacking, which one that is `unavailable` in part is not.
   */
  dropTrades(limit: EpochMs, unavailable: readonly Span[]): void {
    const isLost = (minute: EpochMs) =>
      unavailable.some(({ since, until }) => since < minute + MINUTE_MS && minute < until)
    const isNeeded = (minute: EpochMs) => {
      const cells = Array.from({ length: CELLS }, (_, index) => minute + index * CELL_MS)
      const isWhole = cells.every((cell) => this.#cells.get(cell)?.covered)
      return !isWhole && !this.#minutes.get(minute)?.confirmed && !isLost(minute)
    }
    const isDropped = (cell: EpochMs) => {
      const minute = Math.floor(cell / MINUTE_MS) * MINUTE_MS
      return this.hasCandles ? minute + MINUTE_MS <= limit && !isNeeded(minute) : cell + CELL_MS <= limit
    }
    const dropped = [...this.#cells.keys()].filter(isDropped)
    for (const held of [this.trades, this.#cells]) for (const cell of dropped) held.delete(cell)
  }

  /** All of it, and the series. */
  forget(kind: 'candles' | 'trades'): void {
    for (const held of kind === 'candles' ? [this.candles, this.#minutes] : [this.trades, this.#cells]) held.clear()
    if (kind === 'candles') this.hasCandles = false
  }

  spansOf(kind: 'candles' | 'trades', strength: keyof State): Span[] {
    const [states, length] = kind === 'candles' ? [this.#minutes, MINUTE_MS] : [this.#cells, CELL_MS]
    const held = [...states].filter(([, state]) => state[strength])
    return normalizeSpans(held.map(([since]) => ({ since, until: since + length })))
  }

  #store(timestamp: EpochMs, row: Candle | undefined, counts: Counts): void {
    const stored = this.candles.get(timestamp)
    if (row) countChange(counts, stored, row)
    else if (stored) counts.deleted++
    if (row) this.candles.set(timestamp, row)
    else this.candles.delete(timestamp)
  }
}

function* steps({ since, until }: Span, lengthMs: number): Generator<EpochMs> {
  for (let timestamp = since; timestamp < until; timestamp += lengthMs) yield timestamp
}

function stateAt(states: Map<EpochMs, State>, timestamp: EpochMs): State {
  const state = states.get(timestamp) ?? {}
  states.set(timestamp, state)
  return state
}

function countChange(counts: Counts, stored: object | undefined, row: object): void {
  if (!stored) counts.inserted++
  else if (JSON.stringify(stored) === JSON.stringify(row)) counts.unchanged++
  else counts.corrected++
}

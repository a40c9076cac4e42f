import type { EpochMs, Page, Series } from '@fullon/market'
import type { ConvergeState } from './converge.js'
import type { SaveResult } from './merge-rows.js'

export type SeriesState = 'starting' | ConvergeState | 'stopped'

/** What the collecting of one series is doing: {@link collect} writes it, monitors and tables read it. */
export interface SeriesStatus {
  readonly exchange: string
  readonly sandbox: boolean
  readonly symbol: string
  readonly kind: 'candles' | 'trades'
  readonly startedAt: EpochMs
  state: SeriesState
  /** Since when its subscription stands without a break. */
  liveSince?: EpochMs
  /** When it was last known to keep up with the present; absent until the first backfill has reached it. */
  freshAt?: EpochMs
  /** Spans still to be fetched. */
  gaps: number
  /** Of the newest row stored. */
  lastTimestamp?: EpochMs
  /** Rows inserted, corrected and deleted since the start. */
  rows: number
  corrected: number
  deleted: number
  /** Saves since the start, and the milliseconds they took in all. */
  saves: number
  saveMs: number
  /** Why the newest part is not to be had, such as a delisting. */
  unavailable?: string
  /** Of the gap that failed last, else of the subscription, until one of its kind succeeds. */
  error?: string
}

export function newSeriesStatus(
  { exchange, symbol, timeframe, sandbox = false }: Series,
  startedAt: EpochMs,
): SeriesStatus {
  const kind = timeframe ? 'candles' : 'trades'
  const counts = { gaps: 0, rows: 0, corrected: 0, deleted: 0, saves: 0, saveMs: 0 }
  return { exchange, sandbox, symbol, kind, startedAt, state: 'starting', ...counts }
}

/** Shows the subscription of `source` as that of `status`, too: candles are as live as the trades they are built from. */
export function shareLive(status: SeriesStatus, source: SeriesStatus): void {
  Object.defineProperty(status, 'liveSince', { get: () => source.liveSince, enumerable: true, configurable: true })
}

/** Why a series does not get on: the last error of its gaps, and that of its subscription, which a page does not mend. */
export class Troubles {
  readonly #status: SeriesStatus
  readonly #errors = new Map<'gap' | 'stream', string>()

  constructor(status: SeriesStatus) {
    this.#status = status
  }

  note(of: 'gap' | 'stream', error: unknown): void {
    this.#errors.set(of, String(error))
    this.#show()
  }

  clear(of: 'gap' | 'stream'): void {
    if (this.#errors.delete(of)) this.#show()
  }

  #show(): void {
    const error = this.#errors.get('gap') ?? this.#errors.get('stream')
    if (error === undefined) delete this.#status.error
    else this.#status.error = error
  }
}

/** Adds up what a save did. */
export function noteSave(
  status: SeriesStatus,
  { rows, covered, unavailable }: Page<{ readonly timestamp: EpochMs }>,
  { inserted, corrected, deleted }: SaveResult,
  tookMs: number,
): void {
  status.rows += inserted
  status.corrected += corrected
  status.deleted += deleted
  status.saves++
  status.saveMs += tookMs
  const newest = rows.at(-1)
  if (newest) status.lastTimestamp = Math.max(newest.timestamp, status.lastTimestamp ?? newest.timestamp)
  if (covered) delete status.unavailable
  else if (unavailable && unavailable.until > (status.lastTimestamp ?? 0)) status.unavailable = unavailable.reason
}

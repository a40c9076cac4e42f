import { type EpochMs, floorToTimeframe, type Timeframe } from '@fullon/market'

export interface WantedOptions {
  readonly now: EpochMs
  /** How far back history is wanted, milliseconds. */
  readonly backtestMs: number
  /** How long rows are kept, milliseconds. Default: for ever. */
  readonly keepMs?: number | undefined
  /** Of candles; trades have none. */
  readonly timeframe?: Timeframe | undefined
}

// Clocks disagree by seconds (ours, the exchange's, another replica's), and retention runs beside the fill.
const MARGIN_MS = 3_600_000

/** From when on a series is wanted: what retention drops is always older than this, so it is never asked for again. */
export function wantedSince({ now, backtestMs, keepMs = Number.POSITIVE_INFINITY, timeframe }: WantedOptions): EpochMs {
  return aligned(now - Math.min(backtestMs, keepMs), timeframe)
}

/** Before when retention drops what a series holds: an hour more than is kept. */
export function droppedBefore(now: EpochMs, keepMs: number, timeframe?: Timeframe): EpochMs {
  return aligned(now - keepMs - MARGIN_MS, timeframe)
}

function aligned(timestamp: EpochMs, timeframe?: Timeframe): EpochMs {
  return Math.max(0, timeframe ? floorToTimeframe(timestamp, timeframe) : timestamp)
}

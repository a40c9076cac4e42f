import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type EpochMs, floorToTimeframe } from '@fullon/market'
import { createReplayMarket, createSeededMarket, type Market, parseRecording } from '@fullon/simulator'
import { CommandError } from '../command-error.js'
import type { DemoState } from './demo-state.js'

/** What is simulated, and from when on. */
export interface Scenario {
  readonly market: Market
  /** The exchange's first trade. */
  readonly marketSince: EpochMs
  /** Where the simulated clock starts. */
  readonly start: EpochMs
  /** How much history is asked for: more than kraken's 720 candles, so that some are rebuilt from trades. */
  readonly backtestDays: number
  /** What must be stored and final before the demo ends: everything older than this. */
  readonly target: EpochMs
  readonly dropsSockets: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/**
 * A market of its own for every seed. A later run finds the exchange ten minutes after the last one left it, so
 * the service comes back to a gap.
 */
export function seededScenario(seed: number, state: DemoState | undefined): Scenario {
  const start = state ? state.clock + 10 * MINUTE_MS : floorToTimeframe(Date.now(), '1m')
  const marketSince = state?.marketSince ?? floorToTimeframe(start, '1d') - 2 * DAY_MS
  return {
    market: createSeededMarket({ seed, since: marketSince }),
    marketSince,
    start,
    backtestDays: 1,
    // The first audit comes an hour after the start and reaches this far.
    target: start + 45 * MINUTE_MS,
    dropsSockets: true,
  }
}

/** A recording as the exchange's history; nothing is traded any more when the demo starts. */
export function replayScenario(file: string, symbol = symbolOf(file)): Scenario {
  const trades = parseRecording(readRecording(file))
  const [first, last] = [trades[0], trades.at(-1)]
  if (!first || !last) throw new CommandError(`demo: expected trades in ${file}, got none`)
  const start = floorToTimeframe(last.timestamp, '1m') + HOUR_MS
  return {
    market: createReplayMarket({ symbol, trades }),
    marketSince: floorToTimeframe(first.timestamp, '1m'),
    start,
    backtestDays: Math.ceil((start - first.timestamp) / DAY_MS),
    target: start - 10 * MINUTE_MS,
    dropsSockets: false,
  }
}

function readRecording(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CommandError(`demo: cannot read the recording ${file}`, { cause })
  }
}

/** `XRP_ETH-trades.json.gz` is XRP/ETH. */
function symbolOf(file: string): string {
  const match = /^([A-Z0-9]+)_([A-Z0-9]+)[-.]/i.exec(basename(file))
  if (match) return `${match[1]}/${match[2]}`.toUpperCase()
  throw new CommandError(
    `demo: expected a file name such as XRP_ETH-trades.json.gz, got ${basename(file)} (or give --symbol)`,
  )
}

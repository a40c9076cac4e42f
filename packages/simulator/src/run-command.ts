import { readFileSync } from 'node:fs'
import { type EpochMs, floorToTimeframe } from '@fullon/market'
import { createCandleReplayMarket } from './candle-replay-market.js'
import { type CommandOptions, UsageError } from './command-options.js'
import { createFaultPlan } from './create-fault-plan.js'
import type { Fault } from './fault.js'
import type { Market } from './market.js'
import { DEFAULT_SYMBOLS, type MarketSymbol } from './market-symbols.js'
import { parseFaultPlan } from './parse-fault-plan.js'
import { parseMinuteRecording } from './parse-minute-recording.js'
import { parseRecording } from './parse-recording.js'
import { createReplayMarket } from './replay-market.js'
import { createSeededMarket } from './seeded-market.js'
import { createSimulatedClock } from './simulated-clock.js'
import { type Simulator, startSimulator } from './simulator.js'

const DAY_MS = 86_400_000

/**
 * Starts what the command line asks for.
 *
 * @param options.now the machine's time.
 * @throws UsageError, SimulatorError and RangeError, each with a message that says what to change.
 */
export async function runCommand(
  options: CommandOptions,
  { now }: { now: EpochMs },
): Promise<{ simulator: Simulator; faultPlan: readonly Fault[] }> {
  const { market, start } =
    options.replay === undefined ? openSeeded(options, now) : openReplay(options, options.replay)
  const faultPlan = readFaultPlan(options, market.symbols)
  const { protocols, enforceLimits, skewMs, host, port, speed } = options
  const clock = createSimulatedClock({ start, speed })
  const simulator = await startSimulator({ market, clock, protocols, faultPlan, enforceLimits, skewMs, host, port })
  return { simulator, faultPlan }
}

interface Source {
  readonly market: Market
  readonly start: EpochMs
}

function openSeeded({ seed, days, symbols, start = Number.NaN }: CommandOptions, now: EpochMs): Source {
  const begin = Number.isFinite(start) ? start : now
  const since = floorToTimeframe(begin - days * DAY_MS, '1m')
  return {
    market: createSeededMarket({ seed, since, symbols: symbols?.map(toSymbol) ?? DEFAULT_SYMBOLS }),
    start: begin,
  }
}

/** One of the default symbols whatever its quote currency, or one that trades a little. */
function toSymbol(symbol: string): MarketSymbol {
  const base = symbol.split('/')[0]
  const known = DEFAULT_SYMBOLS.find((candidate) => candidate.symbol.split('/')[0] === base)
  return known ? { ...known, symbol } : { symbol, price: 25, amount: 10 }
}

/** Trades or minutes, by how the file begins: a zip begins with PK. */
function openReplay({ symbols = [], start }: CommandOptions, file: string): Source {
  const bytes = readInput('--replay', file)
  const [symbol = ''] = symbols
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const candles = parseMinuteRecording(bytes)
    const begin = candles[0]?.timestamp ?? 0
    return { market: createCandleReplayMarket({ symbol, candles }), start: start ?? begin }
  }
  const trades = parseRecording(bytes)
  const begin = floorToTimeframe(trades[0]?.timestamp ?? 0, '1m')
  return { market: createReplayMarket({ symbol, trades }), start: start ?? begin }
}

function readFaultPlan({ faults, faultSeed }: CommandOptions, symbols: readonly string[]): readonly Fault[] {
  const drawn = faultSeed === undefined ? [] : createFaultPlan({ seed: faultSeed, durationMs: DAY_MS, symbols })
  if (faults === undefined) return drawn
  try {
    return [...drawn, ...parseFaultPlan(JSON.parse(String(readInput('--faults', faults))))]
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new UsageError(`--faults: expected JSON in ${faults}`, { cause })
    throw cause
  }
}

function readInput(option: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new UsageError(`${option}: cannot read ${file}`, { cause })
  }
}

import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { EpochMs } from '@fullon/market'
import { PROTOCOL_NAMES, type ProtocolName } from './protocols.js'

export const HELP = `fullon-simulator: a local exchange to point your bot at.

Usage: fullon-simulator [options]

Prints ccxt's constructor options, as JSON by ccxt id, to standard output, and runs until it is interrupted.

  --protocol NAMES    which exchanges to be, separated by commas: ${PROTOCOL_NAMES.join(', ')} (default: all)
  --symbols SYMBOLS   what is traded, separated by commas, such as BTC/USDT,ETH/USDT
                      (default: BTC/USD,ETH/USD,SOL/USD,ADA/USD)
  --seed N            another number is another market (default: 1)
  --days N            how much history there is, 0 to 60 (default: 2)
  --speed N           simulated seconds in a real one (default: 1)
  --start TIME        where the simulated clock starts, ISO 8601 (default: now; of a replay, its beginning)
  --replay FILE       repeat a recording instead, of the one symbol of --symbols: minutes as zip,
                      or trades as JSON, plain or gzip
  --faults FILE       what goes wrong when: JSON, a list of faults
  --fault-seed N      a plan drawn from a seed, for a simulated day; it is printed to standard error
  --enforce-limits    refuse who asks more than the exchange allows
  --skew N            how many ms the exchange's clock is ahead (default: 0)
  --host ADDRESS      (default: 127.0.0.1)
  --port N            (default: any free one)
  --help              this text

Example:
  fullon-simulator --protocol binance --symbols BTC/USDT > ccxt.json
`

export interface CommandOptions {
  readonly protocols: readonly ProtocolName[]
  readonly symbols: readonly string[] | undefined
  readonly seed: number
  readonly days: number
  readonly speed: number
  readonly start: EpochMs | undefined
  readonly replay: string | undefined
  readonly faults: string | undefined
  readonly faultSeed: number | undefined
  readonly enforceLimits: boolean
  readonly skewMs: number
  readonly host: string
  readonly port: number
}

/** What the person at the terminal has to change; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const OPTIONS = {
  protocol: { type: 'string' },
  symbols: { type: 'string' },
  seed: { type: 'string', default: '1' },
  days: { type: 'string', default: '2' },
  speed: { type: 'string', default: '1' },
  start: { type: 'string' },
  replay: { type: 'string' },
  faults: { type: 'string' },
  'fault-seed': { type: 'string' },
  'enforce-limits': { type: 'boolean', default: false },
  skew: { type: 'string', default: '0' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

/**
 * The options of the command line, or `undefined` when help is asked for.
 *
 * @throws UsageError
 */
export function parseCommandOptions(args: readonly string[]): CommandOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  if (values.replay !== undefined && toList(values.symbols)?.length !== 1)
    throw new UsageError('--replay: expected --symbols with the one symbol that was recorded')
  return {
    protocols: toProtocols(values.protocol),
    symbols: toList(values.symbols),
    seed: toNumber('--seed', values.seed, -1e15, 1e15),
    days: toNumber('--days', values.days, 0, 60),
    speed: toNumber('--speed', values.speed, 0.001, 1e5),
    start: toTime(values.start),
    replay: values.replay,
    faults: values.faults,
    faultSeed:
      values['fault-seed'] === undefined ? undefined : toNumber('--fault-seed', values['fault-seed'], -1e15, 1e15),
    enforceLimits: values['enforce-limits'],
    skewMs: toNumber('--skew', values.skew, -1e12, 1e12),
    host: values.host,
    port: toNumber('--port', values.port, 0, 65_535),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function toList(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function toProtocols(text: string | undefined): readonly ProtocolName[] {
  return (toList(text) ?? PROTOCOL_NAMES).map((name) => {
    const protocol = PROTOCOL_NAMES.find((candidate) => candidate === name)
    if (!protocol) throw new UsageError(`--protocol: expected some of ${PROTOCOL_NAMES.join(', ')}, got ${name}`)
    return protocol
  })
}

function toNumber(option: string, text: string, low: number, high: number): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (number >= low && number <= high) return number
  throw new UsageError(`${option}: expected a number from ${low} to ${high}, got ${text}`)
}

function toTime(text: string | undefined): EpochMs | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (Number.isFinite(time)) return time
  throw new UsageError(`--start: expected a time such as 2026-01-01T00:00:00Z, got ${text}`)
}
